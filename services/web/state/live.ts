import { signal } from '@preact/signals';
import { ask } from './api-call.ts';
import { base, ownHash } from './base.ts';
import { followEvents, type LiveEvent, type LiveMessage, type LiveState } from './live-stream.ts';

export const liveState = signal<LiveState>('connecting');
/** Whether the service now sends other pages than this one. */
export const isOutdated = signal(false);
/** The sequence of the last event that was heard. */
const lastSeq = signal(0);

type Listener = (events: readonly LiveEvent[]) => void;
const listeners = new Set<Listener>();

/** Hears of events as they happen; answers what ends that. */
export function onEvents(listener: Listener): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

const hear = (message: LiveMessage) => {
  if (message.kind === 'state') {
    const came = message.state === 'live' && liveState.value !== 'live';
    liveState.value = message.state;
    if (came) void lookForOtherPages();
    return;
  }
  lastSeq.value = message.events.at(-1)?.seq ?? lastSeq.value;
  for (const listener of listeners) listener(message.events);
};

async function lookForOtherPages(): Promise<void> {
  const { hash } = await ask<{ hash: string }>('GET', '/web/version').catch(() => ({ hash: ownHash }));
  isOutdated.value = hash !== ownHash;
}

type Policy = { createScriptURL(url: string): string };
type PolicyMaker = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy };

/** The address of our own worker, which is the only text that ever becomes code here. */
function workerUrl(): string {
  const url = `${base}/web/${ownHash}/state/live-worker.ts`;
  const makers = (globalThis as { trustedTypes?: PolicyMaker }).trustedTypes;
  return makers ? makers.createPolicy('crafting-worker', { createScriptURL: () => url }).createScriptURL('') : url;
}

type Line = { readonly again: () => void; readonly hurry: () => void };
let line: Line | null = null;

function openLine(): Line {
  if (typeof SharedWorker === 'undefined') {
    let following = followEvents(base, hear);
    const again = () => {
      following.stop();
      following = followEvents(base, hear);
    };
    return { again, hurry: () => following.hurry() };
  }
  const { port } = new SharedWorker(workerUrl(), { type: 'module', name: `crafting-table ${base}` });
  const say = (word: string) => port.postMessage({ say: word, base });
  port.onmessage = ({ data }: MessageEvent<LiveMessage>) => hear(data);
  say('hello');
  addEventListener('pagehide', () => say('bye'));
  addEventListener('pageshow', (event) => event.persisted && say('hello'));
  return { again: () => say('again'), hurry: () => say('hurry') };
}

/** Begins to listen in the name of whoever is signed in now. */
export function listen(): void {
  if (line) {
    line.again();
    return;
  }
  line = openLine();
  addEventListener('online', () => line?.hurry());
  addEventListener('offline', () => {
    liveState.value = 'offline';
  });
}
