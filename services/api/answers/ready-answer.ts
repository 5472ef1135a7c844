import { Type } from '@sinclair/typebox';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Past } from '../../projector/past/past-models.ts';
import type { ReadModels } from '../../projector/read-models.ts';
import { type Caller, callerOf } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';
import { onceClosed } from '../live/live-reply.ts';
import { cursorOf } from './cursor.ts';
import { sequenceAt } from './sequence-at.ts';

/** The point of the log that a GET asks about (as of). */
export const At = Type.Optional(
  Type.String({
    maxLength: 64,
    description: 'as it was when the log ended at this sequence, or just before this ISO 8601 time',
  }),
);

/** What of a reply is needed here; routes type theirs by what their schema says, which is said as a value. */
type Sender = { header(name: string, value: string): unknown; send(payload: unknown): unknown };
type Answering = Pick<FastifyReply, 'raw'> & Pick<Sender, 'header'>;

/** What routes read, and whose of it may be shown. */
export type Seeing = {
  readonly models: Pick<ReadModels, 'query'>;
  /** Whether what belonged to a project of this name then is not somebody else's by now; always true without. */
  readonly shows?: (project: string) => boolean;
};

/** The read models as of one point of the log. `until`: the last sequence in them, or infinity for now. */
export type View = Required<Seeing> & { readonly until: number };

export const isPast = ({ until }: View): boolean => until < Number.POSITIVE_INFINITY;

/**
 * The read models as a request wants them: those of now, or those of the moment `at`, which stay open until the answer has
 * left. What a caller owned then and does not share a name with anybody else's of now is shown.
 */
export async function viewAt(
  at: string | undefined,
  { caller, reply }: { caller: Caller; reply: Answering },
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
  { caller, reply }: { caller: Caller; reply: Answering },
  { log, models, seats }: Pick<ApiDeps, 'log' | 'models' | 'seats'>,
): Promise<View> {
  seats.take('moment', caller, reply);
  // What is kept of a moment is final: the log need not be asked how long it is.
  const past = (await models.past.kept(seq)) ?? (await pastOf(seq, { log, models }));
  if (past === null) return { models, shows: () => true, until: seq };
  onceClosed(reply.raw, past.release);
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

/** Answers that are asked for again and again while nothing happens: dashboards and those who wait for a job. */
const keptAnswers = 200;
/** Larger answers are made anew each time, so that all that is kept stays under 26 MB. */
const largest = 128 * 1024;

/**
 * An answer that is JSON already: the read models keep each document as the API sends it, and to take fifty of them apart and
 * together again costs most of a request's time. A small answer goes out in one piece with its header as text.
 */
type ReadyJson = string | Buffer;

/** Sends an answer that is ready. */
function sendReady<R extends Sender>(reply: R, json: ReadyJson): R {
  reply.header('content-type', 'application/json; charset=utf-8');
  reply.send(json);
  return reply;
}

type Page<R> = {
  readonly limit: number;
  /** As of when: of an earlier point of the log, what is somebody else's by now is left out. */
  readonly view: View;
  /** The place of a row in the list. */
  readonly placeOf: (row: R) => number;
};

/** A page of ready documents; `found` holds one row more than the limit when there is a next page. */
export function readyPage<R extends { readonly doc: string }>(
  name: string,
  found: readonly R[],
  { limit, view, placeOf }: Page<R>,
): string {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  const isShown = ({ doc }: R) => !isPast(view) || view.shows((JSON.parse(doc) as { project: string }).project);
  const docs = page.filter(isShown).map(({ doc }) => doc);
  return `${headOf(name)}${docs.join(',')}${endOf(last && placeOf(last))}`;
}

/** The same of documents that lie side by side already. */
export function readyPageOfBytes(name: string, docs: Buffer, next: number | null): Buffer {
  return Buffer.concat([Buffer.from(headOf(name)), docs, Buffer.from(endOf(next ?? undefined))]);
}

const headOf = (name: string) => `{"ok":true,"${name}":[`;
const endOf = (next: number | undefined) =>
  `],"next_cursor":${next === undefined ? 'null' : JSON.stringify(cursorOf(next))}}`;

/** `lasts: false` of what depends on more than the read model and the request. */
type Made = ReadyJson | { readonly json: ReadyJson; readonly lasts: boolean };

/**
 * Answers of JSON that is ready, as of now or of `?at=`. Those of now are kept while the read model stands still, by whatever
 * can narrow them: the route, its parameters, and what the caller may see.
 */
export function readyAnswers(deps: Pick<ApiDeps, 'log' | 'models' | 'seats'>) {
  const kept = answersAtSequence(deps.models);
  return async <R extends Sender & Answering>(
    request: Pick<FastifyRequest, 'caller' | 'routeOptions'> & { readonly params: unknown; readonly query: unknown },
    reply: R,
    make: (view: View, caller: Caller) => Made | Promise<Made>,
  ): Promise<R> => {
    const caller = callerOf(request);
    const { at, ...query } = request.query as { readonly at?: string };
    const { owner, projects } = caller;
    const key = at ?? JSON.stringify([request.routeOptions.url, owner, projects, request.params, query]);
    const known = at === undefined ? kept.get(key) : undefined;
    if (known) return sendReady(reply, known);
    const seq = deps.models.seq();
    const made = await make(await viewAt(at, { caller, reply }, deps), caller);
    const { json, lasts } = typeof made === 'string' || Buffer.isBuffer(made) ? { json: made, lasts: true } : made;
    if (at === undefined && lasts) kept.keep(key, json, seq);
    return sendReady(reply, json);
  };
}

/** Keeps prepared answers for as long as the read model stands at one sequence. */
type AnswersAtSequence = {
  get(key: string): ReadyJson | undefined;
  /** `seq` is where the read model stood before the answer was made. */
  keep(key: string, answer: ReadyJson, seq: number): void;
};

/** An answer may only depend on its key and on the read model. The key names whatever narrows it, the owner above all. */
export function answersAtSequence(models: Pick<ReadModels, 'seq'>): AnswersAtSequence {
  const kept = new Map<string, ReadyJson>();
  let keptSeq = -1;
  return {
    get: (key) => (keptSeq === models.seq() ? kept.get(key) : undefined),
    keep: (key, answer, seq) => {
      if (seq !== models.seq() || answer.length > largest) return;
      if (seq !== keptSeq || kept.size >= keptAnswers) kept.clear();
      keptSeq = seq;
      kept.set(key, answer);
    },
  };
}
