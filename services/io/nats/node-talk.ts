import type { Msg } from '@nats-io/transport-node';
import { AppError, type ErrorCode, errorCodes, isAppError, messageOf } from '../../floor/app-error.ts';
import type { Nats } from './connection.ts';

/**
 * What processes of the farm say to each other beside the log, over plain messages: nothing of it is kept, and whoever is not
 * there does not hear it. Only the farm's own account reaches these subjects.
 */
export type NodeTalk = {
  /** Tells all processes that listen, this one too. */
  tell(topic: string, said: object): void;
  hear(topic: string, listener: (said: Record<string, unknown>) => void): () => void;
  /** Asks any one process that answers. Throws AppError: what that one threw, or 'unavailable' when there is none. */
  ask(topic: string, asked: object, timeoutMs: number): Promise<unknown>;
  /** Answers what is asked; of several processes one gets each question. */
  answer(topic: string, work: (asked: Record<string, unknown>) => Promise<unknown>): () => void;
};

/** Not below `ct.`: that is the log. */
const subject = (topic: string) => `ct-node.${topic}`;
/** A message of the server, with room for its headers. */
const mostBytes = 1_000_000;

export function openNodeTalk({ connection }: Pick<Nats, 'connection'>): NodeTalk {
  return {
    tell: (topic, said) => {
      if (!connection.isClosed()) connection.publish(subject(topic), JSON.stringify(said));
    },
    hear: (topic, listener) => {
      const subscription = connection.subscribe(subject(topic), {
        callback: (error, message) => {
          const said = error ? null : objectIn(message);
          if (said) listener(said);
        },
      });
      return () => subscription.unsubscribe();
    },
    ask: async (topic, asked, timeoutMs) => {
      const message = await connection
        .request(subject(topic), JSON.stringify(asked), { timeout: timeoutMs })
        .catch((cause: unknown) => {
          throw new AppError('unavailable', `No living process answers to ${topic}: ${messageOf(cause)}.`, { cause });
        });
      const { error, answer } = objectIn(message) ?? {};
      if (error !== undefined) throw thrownThere(error);
      return answer ?? null;
    },
    answer: (topic, work) => {
      const subscription = connection.subscribe(subject(topic), {
        queue: topic,
        callback: (error, message) => {
          if (!error) void reply(message, work);
        },
      });
      return () => subscription.unsubscribe();
    },
  };
}

async function reply(message: Msg, work: (asked: Record<string, unknown>) => Promise<unknown>): Promise<void> {
  let text: string;
  try {
    text = JSON.stringify({ answer: await work(objectIn(message) ?? {}) });
    if (text.length > mostBytes)
      throw new AppError('too_large', 'The answer is larger than a message between processes.');
  } catch (error) {
    const code = isAppError(error) ? error.code : 'internal';
    const words = isAppError(error) ? error.message : 'Another process of the farm failed in an unforeseen way.';
    text = JSON.stringify({ error: { code, message: words } });
  }
  message.respond(text);
}

function thrownThere(error: unknown): AppError {
  const { code, message } = error as { code?: string; message?: string };
  const known = Object.hasOwn(errorCodes, code ?? '') ? (code as ErrorCode) : 'internal';
  return new AppError(known, message ?? 'Another process of the farm failed.');
}

function objectIn(message: Msg): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(message.string());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
