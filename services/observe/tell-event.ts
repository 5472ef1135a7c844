import type { Recorded } from '../../events/registry.ts';
import type { Log } from '../io/log.ts';
import type { Going } from './job-memory.ts';
import { patchOutcomes } from './patch-outcomes.ts';

type Level = 'info' | 'warn';
type Told = { readonly level: Level; readonly message: string; readonly facts: Record<string, unknown> };

/** Writes one line about an event that ends something: a job, an attempt, a delivery, a fetch. */
export function tellEvent(event: Recorded, going: Going | null, logger: Log): void {
  const told = lineOf(event, going);
  if (told === null) return;
  const { seq, eventId: event_id, correlationId: correlation_id } = event;
  logger[told.level]({ ...told.facts, seq, event_id, correlation_id }, told.message);
}

function lineOf(event: Recorded, going: Going | null): Told | null {
  const outcome = patchOutcomes[event.type];
  if (outcome !== undefined) return attemptLine(event, outcome);
  switch (event.type) {
    case 'RecipeExited':
      return fetchLine(event, going);
    case 'FindingsParsed':
      return jobLine(event, going);
    case 'NoticeSent':
    case 'NoticeFailed': {
      const { project, channel, target, attempts, event_seq } = event.data;
      const facts = { project, channel, target, attempts, of_seq: event_seq };
      if (event.type === 'NoticeSent') return info('a notice was heard', { code: 'notice_sent', ...facts });
      return warn('a notice is given up', { ...facts, reason: event.data.reason });
    }
    case 'DigestSent':
    case 'DigestFailed': {
      const { projects } = event.data;
      const facts = { projects: projects.length };
      if (event.type === 'DigestSent') return info('a digest was sent', { code: 'digest_sent', ...facts });
      return warn('a digest was not taken', { ...facts, reason: event.data.reason, permanent: event.data.permanent });
    }
    default:
      return null;
  }
}

function jobLine({ data, time, entityId }: Recorded<'FindingsParsed'>, going: Going | null): Told | null {
  // A stored log that is read again ends no job.
  if ((data.reading ?? 1) > 1) return null;
  const { project, total, resolved, passed } = data;
  const facts = { code: 'job_ended', job_id: entityId, ...going?.facts, project, passed, findings: total };
  const more = { new: data.new, resolved, failure: data.failure?.kind };
  const whole_ms = going ? Date.parse(time) - going.began : undefined;
  return info('a job is over', { ...facts, ...more, whole_ms });
}

function fetchLine({ data, entityId }: Recorded<'RecipeExited'>, going: Going | null): Told | null {
  if (data.reason !== 'remote_unavailable' && data.reason !== 'workspace_failed') return null;
  const { project, reason, detail } = data;
  return warn('a commit could not be fetched', { job_id: entityId, ...going?.facts, project, reason, detail });
}

function attemptLine({ type, data, entityId }: Recorded, outcome: string): Told {
  const { project, reason, step, url } = data as Readonly<Record<string, unknown>>;
  return info('an attempt came to something', {
    code: 'attempt_ended',
    patch_id: entityId,
    event: type,
    project,
    outcome,
    step,
    reason,
    url,
  });
}

const info = (message: string, facts: Record<string, unknown>): Told => ({ level: 'info', message, facts });
const warn = (message: string, facts: Record<string, unknown>): Told => ({ level: 'warn', message, facts });
