import { JetStreamApiError } from '@nats-io/jetstream';
import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

export type Stored = { readonly seq: number; readonly duplicate: boolean };

/** Headers by name, without line ends in their values; or their lines, each with its end, as `headerLines` makes them. */
export type Headers = Readonly<Record<string, string>> | string;

/** Publishes to streams and waits for the server's word. */
export type Publisher = {
  /** Throws JetStreamApiError when the server refuses, Error when it does not answer within `timeoutMs`. */
  publish(subject: string, payload: string | Uint8Array, headers: Headers, timeoutMs: number): Promise<Stored>;
};

type Waiting = { resolve(stored: Stored): void; reject(error: unknown): void; timer: NodeJS.Timeout };
type Word = { seq?: number; duplicate?: boolean; error?: { code: number; err_code: number; description: string } };

/**
 * The client's own request builds a checked map of headers, two timers and an error with a stack for every message, also
 * for those that succeed: more than half of what an append costs us. This is one subscription for all answers.
 */
export function openPublisher(connection: NatsConnection): Publisher {
  const inbox = createInbox();
  const waiting = new Map<string, Waiting>();
  let last = 0;

  const take = (message: Msg) => {
    const token = message.subject.slice(inbox.length + 1);
    const one = waiting.get(token);
    if (!one) return;
    waiting.delete(token);
    clearTimeout(one.timer);
    try {
      one.resolve(storedOf(message));
    } catch (error) {
      one.reject(error);
    }
  };
  connection.subscribe(`${inbox}.*`, { callback: (error, message) => (error ? undefined : take(message)) });
  return {
    publish: (subject, payload, headers, timeoutMs) =>
      new Promise((resolve, reject) => {
        last += 1;
        const token = String(last);
        const giveUp = () => {
          waiting.delete(token);
          reject(new Error('no answer in time'));
        };
        connection.publish(subject, payload, { reply: `${inbox}.${token}`, headers: asHeaders(headers) });
        waiting.set(token, { resolve, reject, timer: setTimeout(giveUp, timeoutMs) });
      }),
  };
}

/** Headers that are known to be well-formed; the client only ever asks them for their bytes. */
function asHeaders(headers: Headers): MsgHdrs {
  const lines = typeof headers === 'string' ? headers : headerLines(headers);
  return { encode: () => Buffer.from(`NATS/1.0\r\n${lines}\r\n`, 'utf8') } as unknown as MsgHdrs;
}

/** Headers as lines, each with its end. Throws TypeError for a value that holds a line end. */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  let lines = '';
  for (const [name, value] of Object.entries(headers)) {
    if (/[\r\n]/.test(value)) throw new TypeError(`The header ${name} may not hold a line end.`);
    lines += `${name}: ${value}\r\n`;
  }
  return lines;
}

function storedOf(message: Msg): Stored {
  if (message.data.length === 0) throw new Error(`nobody takes it: ${message.headers?.code ?? 'an empty answer'}`);
  const { error, seq, duplicate = false } = message.json<Word>();
  if (error) throw new JetStreamApiError(error);
  if (seq === undefined) throw new Error('the answer says no sequence');
  return { seq, duplicate };
}
