import { ulid } from 'ulid';
import type { NodeTalk } from '../../io/nats/node-talk.ts';

/** The other processes that answer requests on the same log, as far as answers depend on them. */
export type ApiNodes = {
  /** Whether there are others at this moment. */
  readonly several: () => boolean;
  /** What the others have counted under a key of this kind, all together. */
  countElsewhere(kind: CountKind, key: string): number;
  /** Tells the others what this process counts from now on. */
  share(kind: CountKind, counts: () => Iterable<readonly [string, number]>): void;
  readonly talk: NodeTalk;
  stop(): void;
};

/** `requests`: of this minute. `seats`: of answers that are under way. */
type CountKind = 'requests' | 'seats';

type Peer = { at: number; readonly counts: Record<CountKind, ReadonlyMap<string, number>> };

/** How often a process says what it has counted, in ms: so long the others may let too much pass. */
const beatMs = 250;
/** A process that says nothing for so long, in ms, is gone. */
const silentMs = 5_000;
/** Keys that one message holds at most, the largest counts first. */
const mostKeys = 5_000;

const kinds: readonly CountKind[] = ['requests', 'seats'];

/** Joins the others. Resolves when those that are there know of this process. */
export async function openNodes(talk: NodeTalk, { flush }: { flush(): Promise<void> }): Promise<ApiNodes> {
  const self = ulid();
  const peers = new Map<string, Peer>();
  const shared: { readonly kind: CountKind; readonly counts: () => Iterable<readonly [string, number]> }[] = [];
  let saidLast = '';
  let quietFor = 0;

  const beat = (even = false) => {
    const counts = Object.fromEntries(
      kinds.map((kind) => [
        kind,
        largest(shared.filter((one) => one.kind === kind).flatMap((one) => [...one.counts()])),
      ]),
    );
    const text = JSON.stringify(counts);
    quietFor += beatMs;
    if (!even && text === saidLast && quietFor < silentMs / 5) return;
    [saidLast, quietFor] = [text, 0];
    talk.tell('beat', { node: self, counts });
  };
  const living = () => {
    const now = performance.now();
    for (const [node, { at }] of peers) if (now - at > silentMs) peers.delete(node);
    return peers;
  };
  const stops = [
    talk.hear('beat', ({ node, counts }) => {
      if (typeof node !== 'string' || node === self) return;
      peers.set(node, { at: performance.now(), counts: readCounts(counts) });
    }),
    talk.hear('hello', ({ node }) => {
      if (node !== self) beat(true);
    }),
    talk.hear('bye', ({ node }) => void peers.delete(String(node))),
  ];
  await flush();
  talk.tell('hello', { node: self });
  beat(true);
  await flush();
  const timer = setInterval(beat, beatMs);
  timer.unref();
  return {
    several: () => living().size > 0,
    countElsewhere: (kind, key) => {
      let sum = 0;
      for (const { counts } of living().values()) sum += counts[kind].get(key) ?? 0;
      return sum;
    },
    share: (kind, counts) => void shared.push({ kind, counts }),
    talk,
    stop: () => {
      clearInterval(timer);
      for (const stop of stops) stop();
      talk.tell('bye', { node: self });
    },
  };
}

function largest(all: (readonly [string, number])[]): (readonly [string, number])[] {
  return all.length <= mostKeys ? all : all.sort(([, a], [, b]) => b - a).slice(0, mostKeys);
}

function readCounts(counts: unknown): Peer['counts'] {
  const said = (counts ?? {}) as Partial<Record<CountKind, unknown>>;
  const mapOf = (kind: CountKind) => {
    const pairs = Array.isArray(said[kind]) ? (said[kind] as unknown[]) : [];
    return new Map(
      pairs.flatMap((pair) => {
        const [key, count] = Array.isArray(pair) ? pair : [];
        return typeof key === 'string' && typeof count === 'number' && count > 0 ? [[key, count] as const] : [];
      }),
    );
  };
  return { requests: mapOf('requests'), seats: mapOf('seats') };
}
