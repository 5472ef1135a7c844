import { UnopenableEvent } from '../envelope.ts';
import { callService } from '../http/call-service.ts';
import type { ServiceAnswer } from '../http/service-answer.ts';
import { problemIn } from '../http/service-failures.ts';
import { type EventLine, openLine } from './event-line.ts';
import { readLines } from './read-lines.ts';
import {
  type Connection,
  type Delivery,
  type From,
  type SubscribeOptions,
  SubscriptionRefused,
} from './subscription.ts';

/** Statuses that waiting does not mend. */
const final = new Set([400, 401, 403, 404, 405, 410, 422]);

/** Events over HTTP, as lines of JSON. */
export function overHttp(options: SubscribeOptions): Connection {
  return async function* (after, signal) {
    const answer = await ask(`/events?${queryOf(options, after)}`, options, signal);
    for await (const line of readLines(answer.chunks())) yield deliveryOf(line);
  };
}

/** Asks the service. Throws SubscriptionRefused for what waiting does not mend, Error for the rest. */
export async function ask(
  path: string,
  { url, token }: Pick<SubscribeOptions, 'url' | 'token'>,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  if (!url) throw new SubscriptionRefused('Expected `url`, the address of the service, such as http://127.0.0.1:8810.');
  const accept = 'application/x-ndjson, application/json';
  // Once: who subscribes is told of each failure, and comes again by itself.
  const answer = await callService({ url, bearer: token ?? null }, { path, accept, signal, tries: 1 });
  if (answer.ok) return answer;
  const said = (await answer.text()).slice(0, 2_000);
  const words = `${path.replace(/\?.*$/, '')} answered ${answer.status}: ${problemIn(said).detail ?? said}`;
  // A redirect is not followed: the token is for the address that was given.
  const isFinal = final.has(answer.status) || (answer.status >= 300 && answer.status < 400);
  throw isFinal ? new SubscriptionRefused(words) : new Error(words);
}

function queryOf(options: SubscribeOptions, after: number | null): URLSearchParams {
  const from = after === null ? firstOf(options.from) : String(after + 1);
  const query = new URLSearchParams({ follow: '1', positions: '1', from });
  const lists = { events: options.events, project: options.projects, severity: options.severities };
  for (const [name, list = []] of Object.entries(lists)) if (list.length > 0) query.set(name, list.join());
  return query;
}

function firstOf(from: From = 'start'): string {
  if (typeof from === 'string') return from;
  if ('sequence' in from) return String(from.sequence);
  return from.date instanceof Date ? from.date.toISOString() : from.date;
}

function deliveryOf(text: string): Delivery {
  const line = JSON.parse(text) as EventLine & { position?: number };
  if (line.position !== undefined) return { seq: line.position };
  try {
    return { seq: line.seq, event: openLine(line) };
  } catch (error) {
    if (!(error instanceof UnopenableEvent)) throw error;
    return { seq: line.seq, unknown: { seq: line.seq, type: line.type, reason: error.message, raw: line } };
  }
}
