import { type Static, Type } from '@sinclair/typebox';
import { entityOf } from '../../../events/event-filter.ts';
import { nullable } from '../../../events/fields.ts';
import type { Recorded } from '../../../events/registry.ts';
import { sentenceOf } from './event-words.ts';

/** One link of a causal chain: an event, what it says, and the event in the chain that it follows from. */
export const ChainEntry = Type.Object(
  {
    seq: Type.Integer(),
    time: Type.String(),
    type: Type.String(),
    entity: Type.String(),
    id: Type.String({ description: 'of the entity; a finding’s is its number' }),
    by: nullable(Type.String()),
    says: Type.String({ description: 'one sentence that holds nothing but what stands in this event' }),
    cause_seq: nullable(Type.Integer({ description: 'the event in the chain that this one follows from' })),
    depth: Type.Integer({ description: 'how many causes lie before it in the chain' }),
    job_id: Type.Optional(Type.String()),
    patch_id: Type.Optional(Type.String()),
    finding_id: Type.Optional(Type.Integer()),
    pr_url: Type.Optional(Type.String()),
  },
  { title: 'ChainEntry' },
);
export type ChainEntry = Static<typeof ChainEntry>;

/** Puts events in the order of the log, each with its cause. `findingId` knows the number of an identity. */
export function causalChain(
  events: readonly Recorded[],
  findingId: (identity: string) => number | undefined,
): ChainEntry[] {
  const ordered = [...events].sort((a, b) => a.seq - b.seq);
  const byEventId = new Map(ordered.map((event) => [event.eventId, event.seq]));
  const newest = new Map<string, number>();
  const depths = new Map<number, number>();
  return ordered.map((event) => {
    const { seq, time, type } = event;
    const cause_seq = causeOf(event, { byEventId, newest, depths });
    const depth = cause_seq === null ? 0 : (depths.get(cause_seq) ?? 0) + 1;
    depths.set(seq, depth);
    for (const one of keysOf(event)) newest.set(one, seq);
    const about = aboutOf(event, findingId);
    const id = entityOf(event) === 'finding' ? String(about.finding_id ?? event.entityId) : event.entityId;
    return {
      seq,
      time,
      type,
      entity: entityOf(event),
      id,
      by: whoDid(event),
      says: sentenceOf(event),
      cause_seq,
      depth,
      ...about,
    };
  });
}

type Known = {
  readonly byEventId: ReadonlyMap<string, number>;
  /** The newest event so far of each entity. */
  readonly newest: ReadonlyMap<string, number>;
  readonly depths: ReadonlyMap<number, number>;
};

/**
 * What an event follows from: the cause in its envelope, else what its data names, else what happened to the same entity
 * before. Null when that is not in the chain.
 */
function causeOf(event: Recorded, { byEventId, newest, depths }: Known): number | null {
  const written = event.causationId === null ? undefined : byEventId.get(event.causationId);
  if (written !== undefined && written < event.seq) return written;
  const named = namedCause(event, newest);
  if (named !== undefined && depths.has(named)) return named;
  return newest.get(keyOf(event)) ?? null;
}

function namedCause({ type, data }: Recorded, newest: Known['newest']): number | undefined {
  if (type === 'PatchRequested') return data.finding_id;
  if (type === 'ForgeEventReceived') return newest.get(pullKey(data));
  if (type !== 'JobEnqueued') return undefined;
  if (data.patch) return data.patch.drafted_seq || newest.get(`patch ${data.patch.patch_id}`);
  return data.rerun_of === null ? undefined : newest.get(`job ${data.rerun_of}`);
}

const keyOf = (event: Recorded) => `${entityOf(event)} ${event.entityId}`;
/** Forges do not tell names apart by their case. */
const pullKey = ({ repository, number }: { repository: string | null; number: number | null }) =>
  `pull ${repository?.toLowerCase()} ${number}`;

/** Under what an event is found as the newest: its entity, and the pull request that it shows. */
function keysOf(event: Recorded): string[] {
  return 'url' in event.data ? [keyOf(event), pullKey(event.data)] : [keyOf(event)];
}

/** Who asked for it or decided it, where somebody did. */
function whoDid({ data }: Recorded): string | null {
  if ('by' in data) return data.by;
  return 'requested_by' in data ? data.requested_by : null;
}

type About = Pick<ChainEntry, 'job_id' | 'patch_id' | 'finding_id' | 'pr_url'>;

function aboutOf({ type, seq, data }: Recorded, findingId: (identity: string) => number | undefined): About {
  const patch = 'patch_id' in data ? data.patch_id : type === 'JobEnqueued' ? data.patch?.patch_id : undefined;
  const finding = findingOf();
  return {
    ...('job_id' in data ? { job_id: data.job_id } : {}),
    ...(patch === undefined ? {} : { patch_id: patch }),
    ...(finding === undefined ? {} : { finding_id: finding }),
    ...('url' in data ? { pr_url: data.url } : {}),
  };

  function findingOf(): number | undefined {
    if (type === 'FindingDetected') return seq;
    if ('finding_id' in data) return data.finding_id;
    return 'identity' in data ? findingId(data.identity) : undefined;
  }
}
