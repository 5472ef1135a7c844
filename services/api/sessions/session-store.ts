import { randomBytes } from 'node:crypto';
import { isAppError } from '../../floor/app-error.ts';
import { hashBearer } from '../../floor/bearer-hash.ts';
import type { Clock } from '../../floor/clock.ts';
import type { Bucket } from '../../io/nats/stores/bucket.ts';

const [minute, day] = [60_000, 86_400_000];

/** How long a session lasts at most; one that is not used ends after the TTL of its bucket, 7 days. */
export const longestSessionMs = 30 * day;
/** How long a code that signs in once is good. */
const codeMs = 10 * minute;

/** Whose a session is: a bearer by its name and the hash of what it was, so that another one of that name is not meant. */
export type SessionBearer = { readonly name: string; readonly sha256: string };

/** Times are ISO 8601. */
export type Session = SessionBearer & { readonly created_at: string; readonly ends_at: string };

/** Sessions of browsers, and codes that open one. Only hashes of what a browser holds are kept. */
export type Sessions = {
  open(bearer: SessionBearer): Promise<{ id: string; session: Session }>;
  /** The session of an id; null for one that is not known, or has ended. */
  find(id: string): Promise<Session | null>;
  end(id: string): Promise<void>;
  issueCode(bearer: SessionBearer): Promise<{ code: string; expires_at: string }>;
  /** Whose code this is, once; null for one that was used, has expired or never was. */
  takeCode(code: string): Promise<SessionBearer | null>;
};

type Kept = Session & { readonly seen_at: number };
type KeptCode = SessionBearer & { readonly expires_at: string };

const newWord = () => randomBytes(32).toString('base64url');
const sessionKey = (id: string) => `session/${hashBearer(id)}`;
const codeKey = (code: string) => `code/${hashBearer(code)}`;

export function openSessions(bucket: Bucket, clock: Pick<Clock, 'now'>): Sessions {
  const iso = (ms: number) => new Date(ms).toISOString();
  const isOver = (end: string) => Date.parse(end) <= clock.now();
  const read = async <T>(key: string): Promise<{ value: T; revision: number } | null> => {
    const entry = await bucket.get(key);
    return entry && { value: JSON.parse(Buffer.from(entry.value).toString('utf8')) as T, revision: entry.revision };
  };
  return {
    open: async ({ name, sha256 }) => {
      const id = newWord();
      const now = clock.now();
      const session = { name, sha256, created_at: iso(now), ends_at: iso(now + longestSessionMs) };
      await bucket.create(sessionKey(id), JSON.stringify({ ...session, seen_at: now } satisfies Kept));
      return { id, session };
    },
    find: async (id) => {
      const kept = await read<Kept>(sessionKey(id));
      if (!kept || isOver(kept.value.ends_at)) return null;
      const { seen_at, ...session } = kept.value;
      const now = clock.now();
      // Written at the revision that was read: a session that ends meanwhile does not come back.
      if (now - seen_at > day)
        bucket
          .update(sessionKey(id), JSON.stringify({ ...session, seen_at: now } satisfies Kept), kept.revision)
          .catch(() => 0);
      return session;
    },
    end: (id) => bucket.erase(sessionKey(id)),
    issueCode: async ({ name, sha256 }) => {
      const code = newWord();
      const expires_at = iso(clock.now() + codeMs);
      await bucket.create(codeKey(code), JSON.stringify({ name, sha256, expires_at } satisfies KeptCode));
      return { code, expires_at };
    },
    takeCode: async (code) => {
      const kept = await read<KeptCode | null>(codeKey(code));
      if (!kept?.value) return null;
      try {
        await bucket.update(codeKey(code), 'null', kept.revision);
      } catch (error) {
        if (isAppError(error, 'conflict')) return null;
        throw error;
      }
      const { name, sha256, expires_at } = kept.value;
      return isOver(expires_at) ? null : { name, sha256 };
    },
  };
}
