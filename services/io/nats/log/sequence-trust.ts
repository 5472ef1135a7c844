import { setTimeout as wait } from 'node:timers/promises';
import { backoffMs } from '../../../../events/backoff.ts';
import type { Sealed } from '../../../../events/envelope.ts';
import { eventStream } from '../../../../events/streams.ts';
import type { Nats } from '../connection.ts';
import type { Stored } from './publisher.ts';

/** Whether the sequence that the log's server acknowledged may be believed. */
type SequenceTrust = {
  /** The highest sequence believed so far. */
  newest(): number;
  /** Whether an answer needs no second look. `newest` as it was when the message was sent. */
  believes(stored: Stored, newest: number): boolean;
  /** Something went wrong that a change of the leader may be behind: for a while nothing is believed. */
  doubt(): void;
  /** The sequence at which a message really lies, or 0 when it is not there. Throws when the log does not answer. */
  readBack(sealed: Sealed, seq: number): Promise<number>;
  /** The sequence of a message that was stored when its subject was at `expect`, or 0 when that was another one. Throws likewise. */
  storedAfter(sealed: Sealed, expect: number): Promise<number>;
};

/** For how long after a reconnect or an append without an answer each message is read back, in ms. */
const doubtMs = 15_000;
/** Questions before a message counts as not there: another server than the leader may answer, a moment behind it. */
const looks = 5;
const pauses = { firstMs: 40, longestMs: 5_000 };

/**
 * A cluster whose leader changes may acknowledge a sequence that another message gets in the end. Reading each message
 * back would double the price of an append: it is done only after an interruption, and for an answer that cannot be true.
 */
export function openTrust({ connection, jsm }: Nats): SequenceTrust {
  let newest = 0;
  let doubtedUntil = 0;
  const doubt = () => {
    doubtedUntil = performance.now() + doubtMs;
  };
  const watch = async () => {
    for await (const { type } of connection.status()) if (type === 'disconnect' || type === 'reconnect') doubt();
  };
  void watch();
  const idAt = async (query: { seq: number; next_by_subj?: string } | { last_by_subj: string }) => {
    const found = await jsm.direct.getMessage(eventStream.name, query);
    return found ? { seq: found.seq, id: found.header.get('Nats-Msg-Id') } : null;
  };
  return {
    newest: () => newest,
    believes: ({ seq, duplicate }, before) => {
      const expected = duplicate || seq > before;
      if (!expected || performance.now() < doubtedUntil) return false;
      newest = Math.max(newest, seq);
      return true;
    },
    doubt,
    readBack: async ({ id, subject }, seq) => {
      for (let look = 0; look < looks; look += 1) {
        if (look > 0) await wait(backoffMs(look, pauses));
        const last = await idAt({ last_by_subj: subject });
        if (last?.id === id) return last.seq;
        // Others may have appended to the same subject since.
        if ((await idAt({ seq }))?.id === id) return seq;
      }
      return 0;
    },
    storedAfter: async ({ id, subject }, expect) => {
      for (let look = 0; look < looks; look += 1) {
        if (look > 0) await wait(backoffMs(look, pauses));
        const next = await idAt({ seq: expect + 1, next_by_subj: subject });
        if (next) return next.id === id ? next.seq : 0;
      }
      return 0;
    },
  };
}
