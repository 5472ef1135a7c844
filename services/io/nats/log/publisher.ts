import { JetStreamApiError } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { openRequests } from './requests.ts';

export type Stored = { readonly seq: number; readonly duplicate: boolean };

/** Headers by name, without line ends in their values; or their lines, each with its end, as `headerLines` makes them. */
type Headers = Readonly<Record<string, string>> | string;

/** Publishes to streams and waits for the server's word. */
type Publisher = {
  /** Throws JetStreamApiError when the server refuses, Error when it does not answer within `timeoutMs`. */
  publish(subject: string, payload: string | Uint8Array, headers: Headers, timeoutMs: number): Promise<Stored>;
};

type Word = { seq?: number; duplicate?: boolean; error?: { code: number; err_code: number; description: string } };

/** Publishes over a connection, for as long as that lives. */
export function openPublisher(connection: NatsConnection): Publisher {
  const requests = openRequests(connection);
  return {
    publish: async (subject, payload, headers, timeoutMs) => {
      const lines = typeof headers === 'string' ? headers : headerLines(headers);
      return storedOf(await requests.ask(subject, payload, { headers: lines, timeoutMs }));
    },
  };
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
