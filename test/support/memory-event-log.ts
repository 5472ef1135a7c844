import { open, type Stored, seal } from '../../events/envelope.ts';
import type { Draft, EventName, Recorded } from '../../events/registry.ts';
import { maxEventBytes } from '../../events/streams.ts';
import { subjectOf } from '../../events/subjects.ts';
import { currentActor } from '../../services/floor/actor.ts';
import { AppError } from '../../services/floor/app-error.ts';
import type { EventLog, FollowOptions } from '../../services/io/event-log.ts';

/** The event log in memory: for tests of what stands on it. Held to the same contract suite as the real one. */
export function memoryEventLog(source = '/crafting-table/test'): EventLog & { readonly all: () => Recorded[] } {
  const stored: Stored[] = [];
  const byId = new Map<string, number>();
  const bySubject = new Map<string, number>();
  const followers = new Set<() => void>();

  const read = (seq: number) => {
    const one = stored[seq - 1];
    return one ? open(one) : null;
  };
  return {
    append: async (draft, { expect, cause, eventId } = {}) => {
      const sealed = seal(draft as Draft, {
        source,
        actor: currentActor(),
        now: new Date(),
        ...(cause ? { cause } : {}),
        ...(eventId ? { eventId } : {}),
      });
      if (Buffer.byteLength(sealed.payload) > maxEventBytes)
        throw new AppError('too_large', `${draft.type} is larger than ${maxEventBytes} bytes.`);
      const known = byId.get(sealed.id);
      if (known !== undefined) return { seq: known, eventId: sealed.id, duplicate: true };
      if (expect !== undefined && (bySubject.get(sealed.subject) ?? 0) !== expect) {
        throw new AppError('conflict', `${sealed.subject} has moved on.`);
      }
      const seq = stored.length + 1;
      stored.push({
        subject: sealed.subject,
        seq,
        payload: sealed.payload,
        header: (name) => sealed.headers[name] ?? '',
      });
      byId.set(sealed.id, seq);
      bySubject.set(sealed.subject, seq);
      for (const wake of followers) wake();
      return { seq, eventId: sealed.id, duplicate: false };
    },
    last: async <N extends EventName>(type: N, id: string) => {
      const seq = bySubject.get(subjectOf(type, id));
      return seq === undefined ? null : (read(seq) as Recorded<N>);
    },
    first: async <N extends EventName>(type: N, id: string) => {
      const first = stored.find(({ subject }) => subject === subjectOf(type, id));
      return first ? (open(first) as Recorded<N>) : null;
    },
    at: async (seq) => read(seq),
    raw: async (seq) => {
      const one = stored[seq - 1];
      return one ? { subject: one.subject, payload: Buffer.from(one.payload) } : null;
    },
    end: async (filter) => stored.findLast(({ subject }) => matches(filter, subject))?.seq ?? 0,
    follow: async (options) => follow(options, { stored, followers }),
    flush: async () => {},
    all: () => stored.map((one) => open(one)),
  };
}

function matches(filter: string | undefined, subject: string): boolean {
  if (!filter) return true;
  const [wanted, have] = [filter.split('.'), subject.split('.')];
  for (const [at, token] of wanted.entries()) {
    if (token === '>') return have.length > at;
    if (token !== '*' && token !== have[at]) return false;
  }
  return wanted.length === have.length;
}

function follow(
  { from, filter, onEvent, onDrained, onError }: FollowOptions,
  { stored, followers }: { stored: Stored[]; followers: Set<() => void> },
) {
  let next = Math.max(1, from);
  let planned = false;
  const run = () => {
    planned = false;
    try {
      for (let one = stored[next - 1]; one && followers.has(wake); one = stored[next - 1]) {
        if (matches(filter, one.subject)) onEvent(open(one));
        next += 1;
      }
      onDrained?.();
    } catch (error) {
      followers.delete(wake);
      onError(error);
    }
  };
  const wake = () => {
    if (!planned) setImmediate(run);
    planned = true;
  };
  followers.add(wake);
  wake();
  return {
    lastSeq: () => next - 1,
    stop: async () => {
      followers.delete(wake);
    },
  };
}
