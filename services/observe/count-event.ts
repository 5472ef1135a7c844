import type { Recorded } from '../../events/registry.ts';
import { toolNamed } from '../../parsers/tools/registry.ts';
import type { Going } from './job-memory.ts';
import type { Meters } from './meters.ts';
import { patchOutcomes } from './patch-outcomes.ts';

/** Adds an event that happened now to what is counted. */
export function countEvent(event: Recorded, going: Going | null, meters: Meters): void {
  const outcome = patchOutcomes[event.type];
  if (outcome !== undefined) meters.patches.add({ outcome });
  switch (event.type) {
    case 'RecipeStarted':
      if (going) meters.wait.observe(between(going.began, event.time), { recipe: going.facts['recipe'] ?? '' });
      return;
    case 'RecipeExited':
      countRun(event, going, meters);
      return;
    case 'FindingsParsed':
      for (const { tool, complete } of event.data.tools)
        if (!complete) meters.incomplete.add({ tool: toolNamed(tool)?.name ?? 'other' });
      return;
    case 'FindingDetected':
      meters.detected.add({ severity: event.data.finding.severity });
      return;
    case 'FindingResolved':
      meters.resolved.add();
      return;
    case 'NoticeSent':
    case 'NoticeFailed':
      meters.notices.add({ channel: event.data.channel, outcome: event.type === 'NoticeSent' ? 'sent' : 'failed' });
      return;
    case 'DigestSent':
    case 'DigestFailed':
      meters.digests.add({ outcome: event.type === 'DigestSent' ? 'sent' : 'failed' });
      return;
    default:
  }
}

function countRun({ data }: Recorded<'RecipeExited'>, going: Going | null, meters: Meters): void {
  const { reason, timings } = data;
  const recipe = going?.facts['recipe'] ?? 'unknown';
  meters.duration.observe(data.duration_ms / 1000, { recipe });
  for (const [name, ms] of Object.entries(timings ?? {}))
    meters.step.observe(ms / 1000, { step: name.replace(/_ms$/, '') });
  if (reason === 'remote_unavailable' || reason === 'workspace_failed') meters.fetches.add({ result: 'failed' });
  else if (timings) meters.fetches.add({ result: 'ok' });
}

function between(from: number, to: string): number {
  return Math.max(0, (Date.parse(to) - from) / 1000);
}
