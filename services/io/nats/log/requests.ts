import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

/** Asks for one answer at a time, many times over. */
export type Requests = {
  /** Throws Error when nobody answers within `timeoutMs`. `headers` are lines, each with its end. */
  ask(subject: string, payload: string | Uint8Array, options: { headers?: string; timeoutMs: number }): Promise<Msg>;
};

type Waiting = { resolve(message: Msg): void; timer: NodeJS.Timeout };

/**
 * The client's own request builds a checked map of headers, two timers and an error with a stack for every message. That
 * is more than half of what an append costs us. This is one subscription for all answers.
 */
export function openRequests(connection: NatsConnection): Requests {
  const inbox = createInbox();
  const waiting = new Map<string, Waiting>();
  let last = 0;

  const take = (message: Msg) => {
    const token = message.subject.slice(inbox.length + 1);
    const one = waiting.get(token);
    if (!one) return;
    waiting.delete(token);
    clearTimeout(one.timer);
    one.resolve(message);
  };
  connection.subscribe(`${inbox}.*`, { callback: (error, message) => (error ? undefined : take(message)) });
  return {
    ask: (subject, payload, { headers, timeoutMs }) =>
      new Promise((resolve, reject) => {
        last += 1;
        const token = String(last);
        const giveUp = () => {
          waiting.delete(token);
          reject(new Error('no answer in time'));
        };
        const given = headers === undefined ? {} : { headers: asHeaders(headers) };
        connection.publish(subject, payload, { reply: `${inbox}.${token}`, ...given });
        waiting.set(token, { resolve, timer: setTimeout(giveUp, timeoutMs) });
      }),
  };
}

/** Headers that are known to be well-formed; the client only ever asks them for their bytes. */
function asHeaders(lines: string): MsgHdrs {
  return { encode: () => Buffer.from(`NATS/1.0\r\n${lines}\r\n`, 'utf8') } as unknown as MsgHdrs;
}
