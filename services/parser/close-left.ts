import type { Recorded } from '../../events/registry.ts';
import type { EffectOf } from '../define.ts';
import type { EventLog } from '../io/event-log.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { appendFact } from './append-findings.ts';

/** Says of the findings of recipes that a project has no more that nobody looks for them. */
export async function closeLeft(
  { data }: Recorded<'ProjectUpdated'>,
  effect: EffectOf,
  { log, models }: { readonly log: EventLog; readonly models: ReadModels },
): Promise<void> {
  const { projects, findings } = models.query();
  for (const { subproject, recipe } of data.left ?? []) {
    // Somebody may have put the recipe back since.
    const now = projects.find(data.name)?.subprojects.find(({ path }) => path === subproject);
    if (now?.[recipe] !== undefined) continue;
    for (const { identity, last_seen_job, last_seen_run, branch } of findings.openOf(data.name, subproject, recipe)) {
      const reason = `the ${recipe} recipe of ${subproject} was taken out of the project`.slice(0, 512);
      const place = { identity, project: data.name, job_id: last_seen_job, branch, run_seq: last_seen_run };
      const draft = { type: 'FindingUnwatched' as const, id: identity, data: { ...place, reason } };
      await appendFact(log, draft, effect(`left ${identity}`));
    }
  }
}
