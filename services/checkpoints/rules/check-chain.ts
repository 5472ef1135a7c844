import { type KeyObject, verify } from 'node:crypto';
import { Value } from '@sinclair/typebox/value';
import { LogCheckpointed, SigningKeyAdded } from '../../../events/people/signing.ts';
import { keyIdOf, publicKeyOf } from '../../statements/rules/dsse-envelope.ts';
import {
  type Checkpoint,
  emptyHead,
  headAfter,
  keptBytes,
  keptOf,
  Leaves,
  type LoggedMessage,
  leafOf,
  signedBytes,
} from './log-chain.ts';

/** The first thing that is wrong with a log. `seq`: where. */
type ChainFault = {
  readonly seq: number;
  readonly kind: 'changed' | 'missing' | 'added' | 'checkpoint';
  readonly detail: string;
};

export type ChainReport = {
  readonly ok: boolean;
  readonly events: number;
  readonly checkpoints: number;
  /** The last event that a checkpoint vouches for, and the head there; later ones are vouched for by the next. */
  readonly covered: number;
  readonly head: string;
  readonly keys: readonly string[];
  /** The last event of a head that is kept outside the log and was found in it; 0: none was given. */
  readonly held_to: number;
  /** Whether the keys came from elsewhere; those in the log itself are as good as the log. */
  readonly foreign_keys: boolean;
  readonly fault: ChainFault | null;
};

/** A head as somebody kept it outside the log. `where`: in words. */
export type Anchor = Pick<Checkpoint, 'last' | 'head'> & { readonly where: string };

type State = {
  readonly keys: Map<string, KeyObject>;
  readonly leaves: Leaves;
  readonly seen: Set<string>;
  next: number;
  covered: number;
  head: string;
  checkpoints: number;
  missing: readonly Anchor[];
  fault: ChainFault | null;
};

/**
 * Follows a log from its first event, and holds it against its own checkpoints. `keys`: public keys by their ids; null: those
 * that the log names. `anchors`: heads that it has to hold. Takes no more after the first fault.
 */
export function chainCheck(keys: ReadonlyMap<string, KeyObject> | null, anchors: readonly Anchor[]) {
  const state: State = {
    ...{ keys: new Map(keys ?? []), leaves: new Leaves(), seen: new Set<string>() },
    ...{ next: 1, covered: 0, head: emptyHead, checkpoints: 0, missing: anchors, fault: null },
  };
  return {
    /** False when the rest need not be looked at. */
    take(message: LoggedMessage): boolean {
      if (state.fault !== null) return false;
      if (message.seq !== state.next) {
        const what = message.seq > state.next ? 'missing' : 'added';
        const seq = Math.min(state.next, message.seq);
        state.fault = {
          seq,
          kind: what,
          detail: `event ${seq} is ${what}: ${message.seq} stands where ${state.next} belongs`,
        };
        return false;
      }
      state.next += 1;
      state.leaves.add(leafOf(message));
      if (keys === null && message.subject.endsWith('.SigningKeyAdded')) learn(message, state);
      if (message.subject.endsWith('.LogCheckpointed')) state.fault = held(message, state);
      if (state.missing.length > 0)
        state.missing = state.missing.filter(({ last, head }) => state.covered !== last || state.head !== head);
      return state.fault === null;
    },
    /** The store cannot give the next event. */
    unreadable(): void {
      const { next } = state;
      state.fault ??= {
        seq: next,
        kind: 'missing',
        detail: `event ${next} cannot be read: the store of the log is damaged there`,
      };
    },
    end(): ChainReport {
      const [lacking] = state.missing;
      if (state.fault === null && lacking !== undefined)
        state.fault = {
          seq: Math.min(lacking.last, state.next),
          kind: 'missing',
          detail: `the checkpoint up to event ${lacking.last} that is kept ${lacking.where} is not in it`,
        };
      const { next, checkpoints, covered, head, fault, seen, missing } = state;
      const held_to = Math.max(0, ...anchors.filter((one) => !missing.includes(one)).map(({ last }) => last));
      const about = { events: next - 1, checkpoints, covered, head, held_to, keys: [...seen] };
      return { ok: fault === null, ...about, foreign_keys: keys !== null, fault };
    },
  };
}

function learn({ data }: LoggedMessage, { keys }: State): void {
  const said = parsed(data);
  if (!Value.Check(SigningKeyAdded.data, said)) return;
  const key = publicKeyOf(said.public_key);
  keys.set(keyIdOf(key), key);
}

/** Holds what came since the last checkpoint against this one. */
function held({ seq, data }: LoggedMessage, state: State): ChainFault | null {
  const no = (detail: string): ChainFault => ({
    seq,
    kind: 'checkpoint',
    detail: `the checkpoint at ${seq} ${detail}`,
  });
  const said = parsed(data);
  if (!Value.Check(LogCheckpointed.data, said)) return no('cannot be read');
  const key = state.keys.get(said.key_id);
  if (key === undefined) return no(`is signed by ${said.key_id.slice(0, 16)}, which is none of the keys`);
  if (!verify(null, signedBytes(said), key, Buffer.from(said.signature, 'base64')))
    return no('is not what the farm has signed: it was changed');
  const { first, last, previous, head, leaves } = said;
  const kept = Buffer.from(leaves, 'base64');
  const count = last - first + 1;
  if (kept.length !== count * keptBytes) return no('does not name each of its events');
  if (first !== state.covered + 1)
    return no(`begins with event ${first}; ${state.covered + 1} was to be next: a checkpoint before it is missing`);
  // The checkpoint itself lies behind what it vouches for.
  const here = state.leaves.length - 1;
  const fault = firstOther(kept, keptOf(state.leaves.first(Math.min(here, count))), first);
  if (fault !== null) return fault;
  if (previous !== state.head || headAfter(previous, state.leaves.first(count)) !== head)
    return no('does not follow from the events before it');
  state.leaves.drop(count);
  Object.assign(state, { covered: last, head, checkpoints: state.checkpoints + 1 });
  state.seen.add(said.key_id);
  return null;
}

/** The first event that is not the one which was vouched for. */
function firstOther(expected: Buffer, found: Buffer, first: number): ChainFault | null {
  if (expected.equals(found)) return null;
  const leaf = (all: Buffer, n: number) => all.subarray(n * keptBytes, (n + 1) * keptBytes).toString('hex');
  for (let n = 0; n * keptBytes < expected.length; n += 1) {
    if (leaf(expected, n) === leaf(found, n)) continue;
    const seq = first + n;
    const kind =
      leaf(found, n) === '' || leaf(expected, n + 1) === leaf(found, n)
        ? 'missing'
        : leaf(found, n + 1) === leaf(expected, n)
          ? 'added'
          : 'changed';
    const words = {
      missing: `event ${seq} is missing: what stands there came behind it`,
      added: `event ${seq} was added: what was vouched for stands behind it`,
      changed: `event ${seq} is not the one that was vouched for: it was changed`,
    };
    return { seq, kind, detail: words[kind] };
  }
  return null;
}

function parsed(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return null;
  }
}
