import { UnopenableEvent } from '../envelope.ts';
import { type EventLine, openLine } from './event-line.ts';
import { readLines } from './read-lines.ts';
import {
  type Connection,
  type Delivery,
  type From,
  type SubscribeOptions,
  SubscriptionRefused,
} from './subscription.ts';

/** A service says something at least every 15 s; silence for so long, in ms, means that the connection is dead. */
const longestSilence = 50_000;

/** Statuses that waiting does not mend. */
const final = new Set([400, 401, 403, 404, 405, 410, 422]);

/** Events over HTTP, as lines of JSON. */
export function overHttp(options: SubscribeOptions): Connection {
  return async function* (after, signal) {
    const quiet = new AbortController();
    const timer = silence(quiet);
    try {
      timer.start();
      const response = await ask(addressOf(options, after), options, AbortSignal.any([signal, quiet.signal]));
      for await (const line of readLines(response, timer)) yield deliveryOf(line);
    } finally {
      timer.stop();
      quiet.abort();
    }
  };
}

/** Asks the service. Throws SubscriptionRefused for what waiting does not mend, Error for the rest. */
export async function ask(
  address: URL,
  { token }: Pick<SubscribeOptions, 'token'>,
  signal: AbortSignal,
): Promise<Response> {
  const headers = {
    accept: 'application/x-ndjson, application/json',
    ...(token ? { authorization: `Bearer ${token}` } : {}),
  };
  const response = await fetch(address, { headers, signal, redirect: 'manual' });
  if (response.ok) return response;
  const said = (await response.text()).slice(0, 2_000);
  const words = `${address.pathname} answered ${response.status}: ${detailOf(said)}`;
  // A redirect is not followed: the token is for the address that was given.
  const isFinal = final.has(response.status) || (response.status >= 300 && response.status < 400);
  throw isFinal ? new SubscriptionRefused(words) : new Error(words);
}

/** An address of the service, also of one that does not live at the root of its host. */
export function addressAt({ url }: Pick<SubscribeOptions, 'url'>, path: string): URL {
  if (!url) throw new SubscriptionRefused('Expected `url`, the address of the service, such as http://127.0.0.1:8810.');
  return new URL(path, url.endsWith('/') ? url : `${url}/`);
}

function addressOf(options: SubscribeOptions, after: number | null): URL {
  const address = addressAt(options, 'events');
  const query = { follow: '1', positions: '1', from: after === null ? firstOf(options.from) : String(after + 1) };
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  const lists = { events: options.events, project: options.projects, severity: options.severities };
  for (const [name, list = []] of Object.entries(lists))
    if (list.length > 0) address.searchParams.set(name, list.join());
  return address;
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

/** Runs only while something is waited for: a handler may take as long as it likes. */
function silence(quiet: AbortController) {
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearTimeout(timer);
  const start = () => {
    stop();
    timer = setTimeout(() => quiet.abort(new Error('the service has fallen silent')), longestSilence);
  };
  return { start, stop };
}

function detailOf(said: string): string {
  try {
    return String((JSON.parse(said) as { detail?: unknown }).detail ?? said);
  } catch {
    return said;
  }
}
