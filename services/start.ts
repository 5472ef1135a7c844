import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureAdminBearer } from './admin-bearer.ts';
import { requestCounts } from './api/admin/request-counts.ts';
import type { ApiDeps } from './api/define.ts';
import { openSeats } from './api/live/seats.ts';
import { openApi } from './api/server.ts';
import { openTokenUses } from './api/token-uses.ts';
import { openOutside } from './backup/outside-watch.ts';
import { finishRestore } from './backup/restore-folder.ts';
import { bundledTools } from './bundled-tools.ts';
import type { Config } from './config.ts';
import type { Role } from './config-kinds.ts';
import { startDigester } from './digester/start-digester.ts';
import { messageOf } from './floor/app-error.ts';
import { type Clock, systemClock } from './floor/clock.ts';
import { version } from './floor/version.ts';
import { openInbox } from './inbox/serve-claims.ts';
import type { Agent } from './io/agent/agent.ts';
import type { Cell } from './io/agent/program-cell.ts';
import { lockDataDir } from './io/data-lock.ts';
import { openWorkspaces, type Workspaces } from './io/git/trees/workspaces.ts';
import type { Log } from './io/log.ts';
import { allAccounts } from './io/nats/accounts/client-account.ts';
import { type Patience, runConsumer } from './io/nats/run-consumer.ts';
import { openStore, type Store } from './io/open-store.ts';
import { openProcesses, type Processes } from './io/process/open-processes.ts';
import { openSandbox, type Sandbox } from './io/sandbox/open-sandbox.ts';
import { startNotifier } from './notifier/start-notifier.ts';
import { previewReading } from './parser/parser.ts';
import { agentCell } from './patcher/agent-cell.ts';
import { announcePatcher, patcherParts } from './patcher/start-patcher.ts';
import { pollPulls } from './patcher/watch-pulls.ts';
import { type RunningProjector, startProjector } from './projector/projector.ts';
import { consumers } from './registry.ts';
import { afterCommits } from './relay/after-commits.ts';
import { startRelay } from './relay/relay.ts';
import { holdRoles, watchRoles } from './roles/role-leases.ts';
import { serviceVersionKey } from './runner/readiness.ts';
import { baseEnvironment } from './runner/recipe-environment.ts';
import type { RunningRunner } from './runner/runner.ts';
import { openOwnHomes, startOwnRunner } from './runner/start-runner.ts';
import { startScheduler } from './scheduler/start-scheduler.ts';

export type Farm = {
  /** Where HTTP listens, or null without the role `api`. */
  readonly url: string | null;
  readonly adminBearerFile: string | null;
  /** How the processes of jobs are held together, or null without the role `runner`. */
  readonly containment: string | null;
  /** What jobs cannot reach, or null without the role `runner`. */
  readonly sandbox: string | null;
  readonly durability: string;
  readonly models: RunningProjector | null;
  readonly store: Store;
  /** Takes no more jobs, and hands back those that still run after `graceMs`. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
};

/** Parts that a test or a measurement may bring along instead of the real ones. */
export type Parts = {
  readonly workspaces?: Workspaces;
  readonly leaseTimes?: { renewMs: number; lostAfterMs: number };
  readonly agent?: Agent;
  /** How long the patch loop waits for what does not answer. */
  readonly patience?: Patience;
  readonly clock?: Clock;
  /** What is found on this machine for recipes; a farm itself asks every toolchain for its version. */
  readonly findLabels?: () => Promise<readonly string[]>;
};

const hour = 3_600_000;

const elsewhere =
  'the admin bearer of this log was made by another service: use the one in its data folder, or put that into admin-bearer.txt here';

/** The one composition root: starts the roles of a configuration, closes them in the opposite order. */
export async function start(config: Config, logger: Log, parts: Parts = {}): Promise<Farm> {
  const closers: (() => Promise<unknown> | void)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) {
      await Promise.resolve(closer()).catch((error) =>
        logger.warn({ error: messageOf(error) }, 'a part did not close cleanly'),
      );
    }
  };
  const opened = <T>(part: T, closer: (part: T) => Promise<unknown> | void): T => {
    closers.push(() => closer(part));
    return part;
  };
  const has = (role: Role) => config.roles.includes(role);
  const clock = parts.clock ?? systemClock;
  try {
    opened(lockDataDir(config.dataDir), (lock) => lock.release());
    await finishRestore(config.dataDir);
    const processes = has('runner')
      ? openProcesses(config.containment === 'auto' ? {} : { containment: config.containment })
      : null;
    processes?.catch(() => {});
    const store = opened(await openStore(config, logger, clock), (one) => one.close());
    const workspaces =
      has('runner') || has('parser') || has('patcher') || has('scheduler')
        ? opened(parts.workspaces ?? openOwnWorkspaces(config, logger), (one) => one.close())
        : null;
    const models = config.roles.some((role) => role !== 'runner')
      ? opened(await startProjector({ dir: config.dataDir, log: store.log, logger }), (one) => one.close())
      : null;
    let preview: ApiDeps['preview'] = null;
    if (has('parser') && models && workspaces) {
      const deps = { ...store, models, workspaces, logger };
      preview = (jobId) => previewReading(jobId, deps);
      opened(await runConsumer(consumers.parser(deps), { nats: store.nats, log: store.log, logger }), (one) =>
        one.stop(),
      );
    }
    let shared: Cell | null = null;
    if (has('patcher') && models && workspaces) {
      const agents = opened(
        agentCell(config, () => shared),
        (one) => one.close(),
      );
      announcePatcher(config, logger);
      const deps = {
        ...store,
        ...patcherParts(config, { log: store.log, models, clock, openCell: agents.open }),
        ...(parts.agent ? { agent: parts.agent } : {}),
        config,
        version,
        models,
        workspaces,
        logger,
        clock,
      };
      opened(pollPulls(deps, config.patcher.pollSecs), (one) => one.stop());
      const delivery = { nats: store.nats, log: store.log, logger };
      const patience = parts.patience ? { patience: parts.patience } : {};
      opened(await runConsumer(consumers.patcher(deps), { ...delivery, ...patience }), (one) => one.stop());
    }
    if (models) {
      await store.hints.put(serviceVersionKey, version);
      const deps = { ...store, config, version, models, logger, clock };
      const admit = () => store.accounts.admit(allAccounts(models.query().accounts));
      const what = "the log's server does not let its accounts in, trying again";
      opened(await afterCommits(admit, { models, logger, what }), (one) => one.stop());
      const asked = () => !has('runner') || models.query().accounts.runners.list().length > 0;
      const inbox = openInbox({ ...deps, maxLogBytes: config.maxLogBytes, ...parts }, asked);
      opened(inbox, (one) => one.stop());
      const why = 'what runners of other machines say cannot be heard, trying again';
      opened(await afterCommits(inbox.look, { models, logger, what: why }), (one) => one.stop());
      if (has('relay')) opened(await startRelay(deps), (one) => one.stop());
      if (has('scheduler') && workspaces) opened(await startScheduler({ ...deps, workspaces }), (one) => one.stop());
      if (has('digester')) opened(await startDigester(deps), (one) => one.stop());
      if (has('notifier')) opened(await startNotifier(deps), (one) => one.stop());
    }
    if (!store.nats.account) {
      opened(await holdRoles({ leases: store.leases, roles: config.roles, logger }), (one) => one.stop());
      if (models) opened(watchRoles(store.leases, logger), (one) => one.stop());
    }
    let runner: RunningRunner | null = null;
    let containment: string | null = null;
    let sandbox: string | null = null;
    if (processes && workspaces) {
      const running = opened(await processes, (one) => one.close());
      containment = running.containment;
      const environment = baseEnvironment({ inherited: process.env, extraPath: [bundledTools] });
      const shutIn = opened(await openOwnSandbox(config, running, environment), (one) => one.close());
      sandbox = shutIn.level;
      shared = { processes: running, sandbox: shutIn };
      const homes = opened(openOwnHomes(config, shutIn, logger), (one) => one.close());
      const runnerDeps = { ...store, workspaces, processes: running, sandbox: shutIn, homes, environment, clock };
      runner = opened(await startOwnRunner({ config, logger, ...parts }, runnerDeps), (one) => one.close());
    }
    let url: string | null = null;
    let adminBearerFile: string | null = null;
    if (has('api') && models) {
      const outside = opened(openOutside({ config, models, vault: store.vault, logger, clock }), (one) => one.close());
      adminBearerFile = await ensureAdminBearer(config.dataDir, { log: store.log, models, ownLog: !config.natsUrl });
      if (adminBearerFile === null) logger.warn({}, elsewhere);
      const status = () => (runner && containment && sandbox ? { ...runner.status(), containment, sandbox } : null);
      const api = opened(
        await openApi({
          ...store,
          config,
          version,
          models,
          logger,
          clock,
          counts: requestCounts(),
          seats: openSeats(),
          uses: openTokenUses({ hints: store.hints, clock, logger }),
          runner: status,
          outside,
          preview,
        }),
        (one) => one.close(),
      );
      url = await api.listen({ host: config.host, port: config.port });
      writeFileSync(join(config.dataDir, 'url.txt'), `${url}\n`);
    }
    const drain = async (graceMs: number) => runner?.drain(graceMs);
    return { url, adminBearerFile, containment, sandbox, durability: store.durability, models, store, drain, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function openOwnWorkspaces({ workspaceDir, allowLocalRepos, slots }: Config, logger: Log): Workspaces {
  const workspaces = openWorkspaces({
    dir: workspaceDir,
    allowLocal: allowLocalRepos,
    // One for each job at once: fewer would be thrown away and written anew all the time.
    idlePerMirror: slots,
    onTrouble: (what, error) => logger.warn({ error: messageOf(error) }, what),
  });
  const collect = setInterval(
    () =>
      workspaces
        .gc()
        .catch((error) => logger.warn({ error: messageOf(error) }, 'old work trees could not be collected')),
    hour,
  );
  collect.unref();
  return {
    ...workspaces,
    close: async () => {
      clearInterval(collect);
      await workspaces.close();
    },
  };
}

function openOwnSandbox(config: Config, processes: Processes, env: Record<string, string>): Promise<Sandbox> {
  const { sandbox: want, cacheDir, dataDir, workspaceDir, sandboxShow: show } = config;
  return openSandbox({ want, processes, env, cacheDir, own: [dataDir, workspaceDir], show });
}
