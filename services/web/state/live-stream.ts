/** An event as `GET /events` tells it. */
export type LiveEvent = {
  readonly seq: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly entity: string;
  readonly causation_id: string | null;
  readonly correlation_id: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export type LiveState = 'connecting' | 'live' | 'offline' | 'signed-out';

export type LiveMessage =
  | { readonly kind: 'events'; readonly events: readonly LiveEvent[] }
  | { readonly kind: 'state'; readonly state: LiveState };

/** The farm says something every 15 seconds; after so long a silence the connection is dead, whatever the machine believes. */
const silenceMs = 40_000;
const longestWaitMs = 15_000;

/** Follows the log from now on, and after every break from where it was. Answers what stops it, and what makes it look at once. */
export function followEvents(
  base: string,
  tell: (message: LiveMessage) => void,
): { stop: () => void; hurry: () => void } {
  let position: number | null = null;
  let current = new AbortController();
  let stopped = false;
  let wake = () => {};
  const wait = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const readOnce = async () => {
    const from = position === null ? 'now' : String(position + 1);
    const response = await fetch(`${base}/events?follow=1&positions=1&from=${from}`, {
      headers: { accept: 'application/x-ndjson' },
      credentials: 'same-origin',
      signal: current.signal,
    });
    if (response.status === 401) return 'signed-out' as const;
    if (!response.ok || !response.body) return 'offline' as const;
    tell({ kind: 'state', state: 'live' });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const silence = setTimeout(() => current.abort(), silenceMs);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return 'offline' as const;
      const lines = (rest + value).split('\n');
      rest = lines.pop() ?? '';
      const events: LiveEvent[] = [];
      for (const line of lines.filter(Boolean)) {
        const said = JSON.parse(line) as LiveEvent & { position?: number };
        position = said.position ?? said.seq;
        if (said.position === undefined) events.push(said);
      }
      if (events.length > 0) tell({ kind: 'events', events });
    }
  };

  const run = async () => {
    for (let tries = 0; !stopped; ) {
      current = new AbortController();
      const began = performance.now();
      const state = await readOnce().catch(() => 'offline' as const);
      if (stopped) return;
      tries = performance.now() - began > 5_000 ? 0 : tries + 1;
      tell({ kind: 'state', state });
      await wait(Math.min(longestWaitMs, 250 * 2 ** tries));
    }
  };
  void run();
  return {
    stop: () => {
      stopped = true;
      current.abort();
      wake();
    },
    hurry: () => wake(),
  };
}
