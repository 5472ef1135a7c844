import { Type } from '@sinclair/typebox';
import type { FastifyReply } from 'fastify';
import type { Past } from '../projector/past-models.ts';
import type { ReadModels } from '../projector/read-models.ts';
import type { Caller } from './authenticate.ts';
import type { ApiDeps } from './define.ts';
import { sequenceAt } from './sequence-at.ts';

/** The point of the log that a GET asks about (as of). */
export const At = Type.Optional(
  Type.String({
    maxLength: 64,
    description: 'as it was when the log ended at this sequence, or just before this ISO 8601 time',
  }),
);

/** What routes read, and whose of it may be shown. */
export type Seeing = {
  readonly models: Pick<ReadModels, 'query'>;
  /** Whether what belonged to a project of this name then is not somebody else's by now; always true without. */
  readonly shows?: (project: string) => boolean;
};

/** The read models as of one point of the log. `until`: the last sequence in them, or infinity for now. */
export type View = Required<Seeing> & { readonly until: number };

/**
 * The read models as a request wants them: those of now, or those of the moment `at`, which stay open until the answer has
 * left. What a caller owned then and does not share a name with anybody else's of now is shown.
 */
export async function viewAt(
  at: string | undefined,
  { caller, reply }: { caller: Caller; reply: FastifyReply },
  deps: Pick<ApiDeps, 'log' | 'models' | 'seats'>,
): Promise<View> {
  const { log, models } = deps;
  if (at === undefined) return { models, shows: () => true, until: Number.POSITIVE_INFINITY };
  const view = await viewAtSequence(await sequenceAt(at, log), { caller, reply }, deps);
  reply.header('x-crafting-seq', String(Math.min(view.until, models.seq())));
  return view;
}

/** The same, for a sequence. One that the log has not reached is now. */
export async function viewAtSequence(
  seq: number,
  { caller, reply }: { caller: Caller; reply: FastifyReply },
  { log, models, seats }: Pick<ApiDeps, 'log' | 'models' | 'seats'>,
): Promise<View> {
  seats.take('moment', caller, reply);
  // What is kept of a moment is final: the log need not be asked how long it is.
  const past = (await models.past.kept(seq)) ?? (await pastOf(seq, { log, models }));
  if (past === null) return { models, shows: () => true, until: seq };
  if (reply.raw.closed) past.release();
  else reply.raw.once('close', past.release);
  const shows = (project: string) => {
    const now = caller.owner === null ? undefined : models.query().projects.find(project);
    return now === undefined || now.owner === caller.owner;
  };
  return { models: { query: () => past.queries }, shows, until: past.seq };
}

/** Null for a sequence that the log has not passed yet. */
async function pastOf(seq: number, { log, models }: Pick<ApiDeps, 'log' | 'models'>): Promise<Past | null> {
  const end = await log.end();
  if (seq >= end && (await models.applied(end)) && models.seq() <= seq) return null;
  return models.past.open(Math.min(seq, end));
}
