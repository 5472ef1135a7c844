import { type TSchema, Type } from '@sinclair/typebox';
import type { OutsideWatch } from '../backup/outside-watch.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import type { DiskSpace } from '../io/disk/disk-space.ts';
import type { RoomMaker } from '../io/disk/free-room.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import type { Log } from '../io/log.ts';
import type { LogStream } from '../io/log-stream.ts';
import type { AccountList } from '../io/nats/accounts/account-list.ts';
import type { Nats } from '../io/nats/connection.ts';
import type { BottleStore } from '../io/nats/stores/bottle-store.ts';
import type { Bucket } from '../io/nats/stores/bucket.ts';
import type { SealBox } from '../io/sealing/seal-box.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { Meters } from '../observe/meters.ts';
import type { HostModels } from '../projector/host-models.ts';
import type { RunnerStatus } from '../runner/runner.ts';
import type { Api } from './api-app.ts';
import type { Authenticator } from './authenticate.ts';
import type { Seats } from './live/seats.ts';
import type { ApiNodes } from './nodes/api-nodes.ts';
import type { Sessions } from './sessions/session-store.ts';
import type { RequestCounts } from './status/request-counts.ts';
import type { TokenUses } from './token-uses.ts';

/** What the routes stand on. */
export type ApiDeps = {
  readonly config: Config;
  readonly version: string;
  readonly nats: Nats;
  readonly log: EventLog;
  readonly logs: LogStream;
  readonly models: HostModels;
  readonly vault: Vault;
  readonly bottles: Pick<BottleStore, 'get'>;
  readonly idempotency: Bucket;
  readonly hints: Bucket;
  readonly leases: Bucket;
  readonly sessionKeys: Bucket;
  readonly accounts: AccountList;
  readonly box: SealBox;
  readonly logger: Log;
  readonly clock: Clock;
  readonly counts: RequestCounts;
  /** What this process counts; missing in tests that need none. */
  readonly meters?: Meters;
  /** Places for answers that last. */
  readonly seats: Seats;
  /** When bearers were used last. */
  readonly uses: TokenUses;
  /** The runner of this process, when it has one. */
  readonly runner: () => (RunnerStatus & { containment: string; sandbox: string }) | null;
  /** The other processes that answer requests on this log; null or missing where there can be none. */
  readonly nodes?: ApiNodes | null;
  /** What another reading of a job's stored log would change; a process with the role `parser` says it. */
  readonly preview: ((jobId: string) => Promise<ReadingPreview | null>) | null;
  /** What lies outside, held against the log; null or missing where nothing is compared. */
  readonly outside?: OutsideWatch | null;
  /** Reads files of commits, and checks them out; null or missing in a process that has no mirrors. */
  readonly sources?: Pick<
    Workspaces,
    'checkout' | 'readBlobs' | 'listFiles' | 'branchTip' | 'isAncestor' | 'lineAuthors'
  > | null;
  readonly durability: string;
  /** Hears of each answer that goes out in one piece; for tests. */
  readonly onAnswer?: OnAnswer;
  /** How much room the disk has; missing in tests that need none. */
  readonly disk?: Pick<DiskSpace, 'shortage' | 'least'> & Partial<Pick<RoomMaker, 'last' | 'totals'>>;
  /** How long a request may take to arrive whole, and how often that is looked at, in ms. */
  readonly arrival?: { readonly wholeMs: number; readonly checkMs: number };
};

export type OnAnswer = (answer: {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly type: string;
  readonly payload: unknown;
  /** What the route documents, by status; null for an address that is none. */
  readonly responses: Record<string, TSchema> | null;
}) => void;

/** Findings are named by their identity. */
type ReadingPreview = {
  readonly job_id: string;
  readonly findings: number;
  readonly appear: readonly string[];
  readonly go: readonly string[];
};

/** What the service makes of these for its routes. */
export type RouteDeps = ApiDeps & Pick<Authenticator, 'identifyHash'> & { readonly sessions: Sessions };

/** Registers one thing's routes. */
export type Routes = (app: Api, deps: RouteDeps) => void;

/** A successful answer: `{"ok": true, ...}`. */
export const success = <P extends Record<string, TSchema>>(properties: P) =>
  Type.Object({ ok: Type.Literal(true), ...properties });

export const ProblemSchema = Type.Object(
  {
    ok: Type.Literal(false),
    type: Type.String({ description: 'leads to what the code means' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String({ description: 'stable; more may come with any version' }),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
    request_id: Type.String(),
  },
  { title: 'Problem', description: 'RFC 9457' },
);

/**
 * What a route may answer, by status: what it says itself, the same as 202 where the read model had not reached an event in
 * time (`x-crafting-pending`), and a problem.
 */
export function responsesOf(method: string, said: unknown): Record<string, TSchema> {
  const own = (said ?? {}) as Record<string, TSchema>;
  const done = method === 'GET' ? undefined : (own['200'] ?? own['201']);
  return { ...(done ? { 202: done } : {}), ...own, default: ProblemSchema };
}

/** `limit` and `cursor` of every list. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 256 })),
};

export const NextCursor = Type.Union([Type.String(), Type.Null()]);
