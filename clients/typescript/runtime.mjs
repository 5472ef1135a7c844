import { operations } from './operations.mjs';

const passing = new Set([429, 502, 503, 504]);

/** What the farm says is wrong (RFC 9457). */
export class FarmProblem extends Error {
  constructor(problem, status) {
    super(problem.detail || problem.title || `The farm answered ${status}.`);
    this.name = 'FarmProblem';
    this.status = status;
    this.code = problem.code ?? '';
    this.problem = problem;
  }
}

/**
 * A client of one farm. Each operation of its description is a method that takes its parameters and `body` by name. A call is sent
 * again for `patienceMs` while the farm is away or busy; a POST carries a key by which that is done once.
 */
export class FarmClient {
  #url;
  #token;
  #send;
  #tries;
  #patienceMs;

  constructor({ url, token, fetch: own = globalThis.fetch, tries = Infinity, patienceMs = 30_000 }) {
    this.#url = String(url).replace(/\/+$/, '');
    this.#token = token;
    this.#send = own;
    this.#tries = tries;
    this.#patienceMs = patienceMs;
  }

  /** Every item of a list that comes in pages. */
  async *each(operation, args = {}, options = {}) {
    const { pages } = operations[operation] ?? {};
    if (!pages) throw new TypeError(`${operation} has no pages.`);
    for (let cursor = args.cursor; ; ) {
      const page = await this[operation](cursor ? { ...args, cursor } : args, options);
      yield* page[pages];
      cursor = page.next_cursor;
      if (!cursor) return;
    }
  }

  /** What a job prints, piece by piece, until it is over; a connection that breaks is taken up where it was. */
  async *followLog(id, options = {}) {
    for await (const { event, data } of this.#stream(`/jobs/${encodeURIComponent(id)}/log?follow=1`, options)) {
      if (event === 'end') return;
      yield { pipe: event, text: data };
    }
  }

  /** What happens at the farm, from a sequence, a time, `start` or `now` on, for as long as somebody reads. */
  async *events(args = {}, options = {}) {
    const path = `/events?${queryOf({ follow: '1', ...args }, operations.getEvents?.repeated)}`;
    for await (const { data } of this.#stream(path, options)) yield JSON.parse(data);
  }

  async *#stream(path, { signal } = {}) {
    let last = null;
    for (let failures = 0; ; ) {
      try {
        const answer = await this.#ask('GET', path, {
          headers: { accept: 'text/event-stream', ...(last === null ? {} : { 'last-event-id': last }) },
          signal,
        });
        for await (const one of eventsOf(answer.body)) {
          failures = 0;
          if (one.id) last = one.id;
          yield one;
          if (one.event === 'end') return;
        }
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        if (error instanceof FarmProblem && !passing.has(error.status)) throw error;
      }
      failures += 1;
      if (failures > 10) throw new Error(`The stream of ${path} broke off ten times.`);
      await pause(Math.min(failures * 500, 5_000), signal);
    }
  }

  /** Asks by an address of the API. Answers the parsed body, or its text where it is no JSON. */
  async request(method, path, { query = {}, repeated = [], body, onAnswer, ...options } = {}) {
    const asked = queryOf(query, repeated);
    const answer = await this.#ask(method, asked ? `${path}?${asked}` : path, {
      ...options,
      headers: {
        accept: 'application/json, */*;q=0.5',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(method === 'POST' ? { 'idempotency-key': options.idempotencyKey ?? crypto.randomUUID() } : {}),
        ...(options.ifMatch ? { 'if-match': options.ifMatch } : {}),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    onAnswer?.({ status: answer.status, etag: answer.headers.get('etag'), headers: answer.headers });
    const text = await answer.text();
    return /[/+]json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text;
  }

  async #ask(method, path, { headers, body, signal, tries = this.#tries, patienceMs = this.#patienceMs }) {
    const begun = performance.now();
    for (let attempt = 1; ; attempt += 1) {
      let failure;
      let waitMs = Math.min(200 * 2 ** attempt, 5_000) * (0.5 + Math.random() / 2);
      try {
        const answer = await this.#send(`${this.#url}${path}`, {
          method,
          body,
          signal,
          redirect: 'manual',
          headers: { ...headers, ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}) },
        });
        if (answer.ok) return answer;
        failure = new FarmProblem(await problemOf(answer), answer.status);
        const after = Number(answer.headers.get('retry-after'));
        if (after > 0) waitMs = after * 1_000;
        const isBusy =
          passing.has(answer.status) || (answer.status === 409 && failure.code === 'idempotency_key_in_use');
        if (!isBusy) throw failure;
      } catch (error) {
        if (signal?.aborted || error === failure) throw error;
        // What was cut off may have been done: only what is done once may be sent again.
        if (!['GET', 'POST', 'PUT'].includes(method)) throw error;
        failure = error;
      }
      if (attempt >= tries || performance.now() - begun + waitMs > patienceMs) throw failure;
      await pause(waitMs, signal);
    }
  }
}

for (const [id, { method, path, query, repeated, hasBody }] of Object.entries(operations))
  FarmClient.prototype[id] = function (args = {}, options = {}) {
    refuseStrange(id, args, [...namesIn(path), ...query, ...(hasBody ? ['body'] : [])]);
    const { body, ...values } = args;
    const asked = Object.fromEntries(
      query.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]),
    );
    return this.request(method, filled(path, values), {
      ...options,
      query: asked,
      repeated,
      ...(body === undefined ? {} : { body }),
    });
  };

const namesIn = (path) => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);

/** What no operation knows would not be sent, and its caller would not learn of it. */
function refuseStrange(id, args, known) {
  const strange = Object.keys(args).filter((name) => args[name] !== undefined && !known.includes(name));
  if (strange.length > 0)
    throw new TypeError(`${id} has no parameter ${strange.join(', ')}; known: ${known.join(', ') || 'none'}.`);
}

function filled(path, values) {
  return path.replace(/\{(\w+)\}/g, (_all, name) => {
    if (values[name] === undefined) throw new TypeError(`${path} needs ${name}.`);
    // An address with such a part, encoded or not, is another address: it would ask something else.
    if (/^\.{1,2}$/.test(values[name])) throw new TypeError(`${name} of ${path} cannot be ${values[name]}.`);
    return encodeURIComponent(values[name]);
  });
}

/** A list is sent as the description says: by its name again and again, or with commas. */
function queryOf(values, repeated = []) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) continue;
    const items = Array.isArray(value) && !repeated.includes(name) ? [value.join(',')] : [value].flat();
    for (const one of items) query.append(name, String(one));
  }
  return query.toString();
}

async function problemOf(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text.slice(0, 300) };
  }
}

async function* eventsOf(body) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const part of body) {
    rest += decoder.decode(part, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = { id: '', event: 'message', data: [] };
      for (const line of block.split('\n')) {
        const [, name, value] = /^(id|event|data): ?(.*)$/.exec(line) ?? [];
        if (name === 'data') fields.data.push(value);
        else if (name) fields[name] = value;
      }
      if (fields.data.length > 0) yield { id: fields.id, event: fields.event, data: fields.data.join('\n') };
    }
  }
}

function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
