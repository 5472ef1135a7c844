import { type Static, Type } from '@sinclair/typebox';
import { Count, closed, JobId, oneOf, text } from '../../events/fields.ts';
import type { Recorded } from '../../events/registry.ts';
import type { FoundSecret } from './find-secrets.ts';

const Lease = Type.String({ pattern: '^[0-9a-z]{26}$' });
const Running = Type.Array(JobId, { maxItems: 1024 });
const Words = (length: number, items: number) => Type.Array(text(length), { maxItems: items });

/**
 * What a runner with a credential of its own says to the farm, and hears: requests below `claimSubject`, which nobody else can
 * send, each with one answer. The runner reads and writes nothing else of the server.
 */
export const claimVerbs = {
  /** It lives, and runs these jobs. Answered with those that it is to stop. */
  beat: closed({
    lease: Lease,
    facts: closed({
      host: text(255),
      slots: Type.Integer({ minimum: 1, maximum: 4096 }),
      containment: text(32),
      sandbox: oneOf(['bwrap', 'reduced', 'none']),
      labels: Words(64, 256),
      draining: Type.Boolean(),
    }),
    running: Running,
  }),
  /** It has a free slot. Answered with a job that is now its own, or null. */
  next: closed({
    lease: Lease,
    containment: text(32, 1),
    sandbox: oneOf(['bwrap', 'reduced', 'none']),
    labels: Words(64, 256),
    running: Running,
  }),
  /** A fact of a job that it runs. */
  tell: closed({
    lease: Lease,
    type: oneOf(['WorkspacePrepared', 'RecipeExited']),
    job_id: JobId,
    data: Type.Record(Type.String({ maxLength: 64 }), Type.Unknown(), { maxProperties: 64 }),
    /** Tells one try to end a job from the next: a repeated message has the same. */
    once: text(128, 1),
  }),
  /** A secret that its job names, sealed to a key of its own. */
  secret: closed({ lease: Lease, job_id: JobId, ref: text(64, 1), key: text(128, 1) }),
  /** Which secrets its job may have, and where they lie. */
  secrets: closed({ lease: Lease, job_id: JobId }),
  /** The draft of a patch that its job proves. */
  draft: closed({ lease: Lease, job_id: JobId, seq: Count }),
} as const;

export type ClaimVerb = keyof typeof claimVerbs;
export type ClaimAsked<V extends ClaimVerb> = Static<(typeof claimVerbs)[V]>;

/** A job as it is handed over: all that a runner learns of the log. */
export type JobOrder = Pick<Recorded<'JobEnqueued'>, 'seq' | 'eventId' | 'correlationId' | 'data'> & {
  readonly startedAt: string;
};

export type ClaimAnswers = {
  beat: { version: string; stop: { job_id: string; reason: 'cancelled' | 'lost' }[] };
  next: { order: JobOrder | null };
  tell: { seq: number };
  secret: { sealed: string; from: string };
  secrets: { found: FoundSecret[] };
  draft: { patch_id: string; diff: string };
};

/** What stands in the place of an answer that was refused. */
export type ClaimRefusal = {
  readonly refused: { readonly code: string; readonly message: string; readonly seq?: number };
};

/** The header that names the lease under which output is stored. */
export const leaseHeader = 'Ct-Lease';
