import { hostname } from 'node:os';
import { ulid } from 'ulid';
import { type Role, roleNames } from '../config-kinds.ts';
import { messageOf } from '../floor/app-error.ts';
import type { Log } from '../io/log.ts';
import { type Bucket, roleLeasePrefix } from '../io/nats/stores/bucket.ts';

const renewMs = 5_000;
/** A lease that did not move for so long by our own clock, in ms, is that of a dead process. */
const silentMs = 20_000;
/** One that did not move for so long is late. */
const lateMs = 2.5 * renewMs;

/** A process that lives, and what it does. */
export type RoleHolder = {
  readonly roles: readonly string[];
  readonly host: string;
  readonly pid: number;
  /** Of the one process of a host that writes its read models. */
  readonly projector?: ProjectorFacts | null;
  /** Its lease did not move for longer than it takes to renew it: it may be gone. */
  readonly silent?: boolean;
};

/** How far the read models of a host are, and what was last put down of them. Times are those of the clock, in ms. */
type ProjectorFacts = {
  /** Whether it only stands in, because no process of the host has the role. */
  readonly standsIn: boolean;
  readonly seq: number;
  readonly stopped: string | null;
  readonly snapshot: { readonly seq: number; readonly at: number } | null;
};

type Holding = {
  readonly leases: Bucket;
  readonly roles: readonly Role[];
  readonly logger: Log;
  readonly projector?: () => ProjectorFacts | null;
};

/** Says every few seconds that this process lives and which roles it has; what it said goes when it ends. */
export async function holdRoles({
  leases,
  roles,
  logger,
  projector = () => null,
}: Holding): Promise<{ stop(): Promise<void> }> {
  const key = `${roleLeasePrefix}${ulid().toLowerCase()}`;
  const renew = async () => {
    const said: RoleHolder = { roles, host: hostname(), pid: process.pid, projector: projector() };
    await leases.put(key, JSON.stringify(said));
  };
  await renew();
  const timer = setInterval(
    () => renew().catch((error) => logger.debug({ error: messageOf(error) }, 'the lease of our roles is not renewed')),
    renewMs,
  );
  timer.unref();
  return {
    stop: async () => {
      clearInterval(timer);
      await leases.erase(key).catch(() => {});
    },
  };
}

/** Answers which processes live, by the leases of their roles. */
export function roleHolders(leases: Pick<Bucket, 'entries'>): () => Promise<RoleHolder[]> {
  const seen = new Map<string, { revision: number; at: number }>();
  return async () => {
    const entries = await leases.entries();
    const now = performance.now();
    for (const key of seen.keys()) if (!entries.has(key)) seen.delete(key);
    return [...entries].flatMap(([key, { value, revision }]) => {
      if (!key.startsWith(roleLeasePrefix)) return [];
      const known = seen.get(key);
      if (known?.revision !== revision) seen.set(key, { revision, at: now });
      else if (now - known.at > silentMs) return [];
      const holder = JSON.parse(Buffer.from(value).toString('utf8')) as RoleHolder;
      // What was killed erases no lease. Of other hosts only time tells.
      if (holder.host === hostname() && !isAlive(holder.pid)) return [];
      const isLate = known?.revision === revision && now - known.at > lateMs;
      return [isLate ? { ...holder, silent: true } : holder];
    });
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of another user lives, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** The roles that no living process has. */
export function missingRoles(holders: readonly RoleHolder[]): Role[] {
  const held = new Set(holders.flatMap(({ roles }) => roles));
  return roleNames.filter((role) => !held.has(role));
}
