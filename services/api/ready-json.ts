import type { ReadModels } from '../projector/read-models.ts';
import { cursorOf } from './cursor.ts';
import type { View } from './view-at.ts';

/** Answers that are asked for again and again while nothing happens: dashboards and those who wait for a job. */
const keptAnswers = 200;
/** Larger answers are made anew each time, so that all that is kept stays under 26 MB. */
const largest = 128 * 1024;

/**
 * An answer that is JSON already: the read models keep each document as the API sends it, and to take fifty of them apart and
 * together again costs most of a request's time. A small answer goes out in one piece with its header as text.
 */
export type ReadyJson = string | Buffer;

/** What of a reply is needed here; routes type theirs by what their schema says, which is said as a value. */
type Sender = { header(name: string, value: string): unknown; send(payload: unknown): unknown };

/** Sends an answer that is ready. */
export function sendReady<R extends Sender>(reply: R, json: ReadyJson): R {
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
  const isPast = view.until < Number.POSITIVE_INFINITY;
  const isShown = ({ doc }: R) => !isPast || view.shows((JSON.parse(doc) as { project: string }).project);
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

/** Keeps prepared answers for as long as the read model stands at one sequence. */
export type AnswersAtSequence = {
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
