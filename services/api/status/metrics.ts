import type { Counter, Gauge, Registry } from 'prom-client';
import { noticeChannels } from '../../../events/notices/notice.ts';
import type { Config } from '../../config.ts';
import { roleNames } from '../../config-kinds.ts';
import { ownStore } from '../../dependencies/own-store.ts';
import { everyProject, overdueDigest } from '../../digester/rules/due-digests.ts';
import { type FolderSizes, folderSizes } from '../../io/disk/folder-sizes.ts';
import { consumerLags } from '../../io/nats/log/consumer-lag.ts';
import { streamSizes } from '../../io/nats/stream-sizes.ts';
import type { Queries } from '../../projector/read-models.ts';
import type { RoleHolder, roleHolders } from '../../roles/role-leases.ts';
import type { ApiDeps } from '../define.ts';
import { shownBudgets } from '../spending/budget-schema.ts';

type Meters = {
  registry: Registry;
  requests: Counter;
  seconds: Counter;
  jobs: Gauge;
  slots: Gauge;
  seq: Gauge;
  projects: Gauge;
  memory: Gauge;
  overdue: Gauge;
  notices: Gauge;
  roles: Gauge;
  lag: Gauge;
  snapshot: Gauge;
  kept: Gauge;
  keptBytes: Gauge;
  disk: Gauge;
  floor: Gauge;
  freed: Counter;
  end: Gauge;
  behind: Gauge;
  tokens: Counter;
  usd: Counter;
  open: Gauge;
  used: Gauge;
  oldest: Gauge;
  diskUsed: Gauge;
  streamBytes: Gauge;
  streamMessages: Gauge;
  credentials: Gauge;
  sizes: FolderSizes;
};

let meters: Promise<Meters> | undefined;

/**
 * Everything we count, as Prometheus text. The library is loaded when somebody asks for the first time.
 * Long: a table, one line a figure.
 */
export async function metricsText(
  deps: ApiDeps & { readonly roles: ReturnType<typeof roleHolders> },
): Promise<{ text: string; contentType: string }> {
  const { counts, models, runner, version, config, clock } = deps;
  meters ??= makeMeters(
    version,
    folderSizes(foldersOf(config), () => clock.now()),
  );
  const {
    registry,
    requests,
    seconds,
    jobs,
    slots,
    seq,
    projects,
    memory,
    overdue,
    notices,
    roles,
    disk,
    floor,
    freed,
    end,
    behind,
  } = await meters;
  requests.reset();
  seconds.reset();
  for (const { route, method, status, requests: number, seconds: spent } of counts.all()) {
    requests.inc({ route, method, status }, number);
    seconds.inc({ route, method, status }, spent);
  }
  for (const status of ['queued', 'running', 'parsing'] as const)
    jobs.set({ status }, models.query().jobs.active()[status] ?? 0);
  const now = runner();
  slots.set({ state: 'all' }, now?.slots ?? 0);
  slots.set({ state: 'busy' }, now?.running ?? 0);
  seq.set(models.seq());
  projects.set(models.query().projects.count());
  const late =
    config.smtp && overdueDigest(clock.now(), config, everyProject(models.query().projects), models.query().digests);
  overdue.set(late?.projects.length ?? 0);
  for (const channel of noticeChannels) notices.set({ channel }, models.query().notices.pending()[channel] ?? 0);
  const living = await deps.roles().catch(() => []);
  for (const role of roleNames) roles.set({ role }, living.filter((one) => one.roles.includes(role)).length);
  end.set(await deps.log.end().catch(() => Number.NaN));
  behind.reset();
  for (const one of await consumerLags(deps.nats).catch(() => [])) behind.set({ consumer: one.name }, one.behind);
  setSpending(await meters, models.query(), clock.now());
  await setProjectors(await meters, living, () => deps.log.end());
  if (deps.disk) {
    const least = deps.disk.least();
    disk.set(least.free);
    floor.set(least.floor);
    freed.reset();
    for (const [what, bytes] of Object.entries(deps.disk.totals?.() ?? {})) freed.inc({ what }, bytes);
  }
  const cache = ownStore(config, () => clock.now());
  const { hits, misses, damaged } = await cache.counts();
  for (const [result, number] of Object.entries({ hits, misses, damaged })) (await meters).kept.set({ result }, number);
  (await meters).keptBytes.set((await cache.list()).reduce((sum, one) => sum + one.bytes, 0));
  memory.set(process.memoryUsage.rss());
  await setSizes(await meters, deps);
  return { text: `${await registry.metrics()}\n${deps.meters?.text() ?? ''}`, contentType: registry.contentType };
}

const foldersOf = ({ dataDir, workspaceDir, cacheDir }: Config) => ({
  data: dataDir,
  workspaces: workspaceDir,
  caches: cacheDir,
});

async function setSizes(meters: Meters, { models, nats, clock }: ApiDeps): Promise<void> {
  const { oldest, diskUsed, streamBytes, streamMessages, credentials, sizes } = meters;
  const waiting = models.query().jobs.waiting(null, 10_000);
  const since = Math.min(...waiting.map(({ enqueued_at }) => Date.parse(enqueued_at)));
  oldest.set(Number.isFinite(since) ? Math.max(0, (clock.now() - since) / 1000) : 0);
  const measured = sizes.known();
  for (const folder of ['data', 'workspaces', 'caches']) diskUsed.set({ folder }, measured[folder] ?? Number.NaN);
  for (const { stream, bytes, messages } of await streamSizes(nats)) {
    streamBytes.set({ stream }, bytes);
    streamMessages.set({ stream }, messages);
  }
  credentials.set(models.query().accounts.runners.list().length);
}

/** What agents took since the log began, and how much of each budget of a day or month is used. */
function setSpending({ tokens, usd, open, used }: Meters, query: Queries, now: number): void {
  for (const one of [tokens, usd, used]) one.reset();
  for (const { provider, model, ...sum } of query.spending.byModel()) {
    for (const kind of ['input', 'cache_read', 'cache_write', 'output'] as const)
      tokens.inc({ provider, model, kind }, sum[`${kind}_tokens`]);
    usd.inc({ provider, model }, sum.nano_usd / 1e9);
  }
  open.set(query.spending.open().length);
  for (const { level, of, unit, per, share } of shownBudgets(query, now))
    if (share !== null) used.set({ level, of, unit, per }, share);
}

/** By the leases of those who write: each is some seconds old. */
async function setProjectors({ lag, snapshot }: Meters, living: readonly RoleHolder[], endOf: () => Promise<number>) {
  const end = await endOf().catch(() => null);
  for (const one of [lag, snapshot]) one.reset();
  for (const { host, projector } of living) {
    if (!projector) continue;
    if (end !== null) lag.set({ host }, Math.max(0, end - projector.seq));
    if (projector.snapshot) snapshot.set({ host }, projector.snapshot.seq);
  }
}

async function makeMeters(version: string, sizes: FolderSizes): Promise<Meters> {
  const { Counter, collectDefaultMetrics, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  // Looked at ten times a second, not a hundred times: a farm that rests is to rest.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 });
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers });
  gauge('crafting_build_info', 'The version that runs', ['version']).set({ version }, 1);
  return {
    registry,
    requests: counter('crafting_http_requests_total', 'Answered requests', ['route', 'method', 'status']),
    seconds: counter('crafting_http_request_seconds_total', 'Time spent on requests', ['route', 'method', 'status']),
    jobs: gauge('crafting_jobs', 'Jobs that have not ended', ['status']),
    slots: gauge('crafting_runner_slots', 'Slots of this runner', ['state']),
    seq: gauge('crafting_read_model_sequence', 'Last event in the read model'),
    end: gauge('crafting_log_sequence', 'Last event in the log; NaN while it does not answer'),
    behind: gauge('crafting_consumer_behind', 'Events that a consumer has not acknowledged', ['consumer']),
    notices: gauge('crafting_notices_pending', 'Notices that have yet to be heard', ['channel']),
    kept: gauge('crafting_install_cache', 'Jobs that took their dependencies from what is kept, or did not', [
      'result',
    ]),
    keptBytes: gauge('crafting_install_cache_bytes', 'What this host keeps of installs and compiled packages'),
    disk: gauge('crafting_disk_free_bytes', 'Free space of the fullest of our folders'),
    floor: gauge('crafting_disk_floor_bytes', 'Free space below which no new work is taken'),
    freed: counter('crafting_disk_freed_bytes_total', 'What was freed since the disk got scarce', ['what']),
    lag: gauge('crafting_projector_lag_events', 'Events that the read models of a host are behind the log', ['host']),
    snapshot: gauge('crafting_snapshot_sequence', 'Last event in the newest snapshot that a host knows of', ['host']),
    roles: gauge('crafting_role_processes', 'Living processes that have a role', ['role']),
    projects: gauge('crafting_projects', 'Registered projects'),
    memory: gauge('crafting_resident_memory_bytes', 'Memory of this process'),
    tokens: counter('crafting_agent_tokens_total', 'Tokens that agents took', ['provider', 'model', 'kind']),
    usd: counter('crafting_agent_usd_total', 'US dollars that they cost, by the table of prices', [
      'provider',
      'model',
    ]),
    open: gauge('crafting_agent_calls_open', 'Calls of agents of which it is not known yet what they took'),
    used: gauge('crafting_budget_used_ratio', 'What is used of a budget of agents, 1 for all of it', [
      'level',
      'of',
      'unit',
      'per',
    ]),
    oldest: gauge('crafting_oldest_queued_job_seconds', 'How long the job waits that waits longest; 0 where none does'),
    diskUsed: gauge('crafting_disk_used_bytes', 'What our folders hold, measured every ten minutes; NaN before', [
      'folder',
    ]),
    streamBytes: gauge('crafting_stream_bytes', 'What a stream of the log holds', ['stream']),
    streamMessages: gauge('crafting_stream_messages', 'Messages that a stream of the log holds', ['stream']),
    credentials: gauge('crafting_runner_credentials', 'Runners elsewhere that have a credential of their own'),
    sizes,
    overdue: gauge('crafting_digest_overdue', 'Projects whose digest was due half an hour ago and was not sent'),
  };
}
