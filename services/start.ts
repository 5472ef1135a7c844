import { finishRestore } from './backup/restore-folder.ts';
import { openClaims } from './claims/open-claims.ts';
import type { Config } from './config.ts';
import type { Role } from './config-kinds.ts';
import { openEgress } from './egress/open-egress.ts';
import { AppError, messageOf } from './floor/app-error.ts';
import { systemClock } from './floor/clock.ts';
import { version } from './floor/version.ts';
import { lockDataDir } from './io/files/data-lock.ts';
import { startFailure } from './io/files/usable-folder.ts';
import type { Workspaces } from './io/git/trees/workspaces.ts';
import { tryPlace } from './io/listen/listen-place.ts';
import type { Log } from './io/log.ts';
import { allAccounts } from './io/nats/accounts/client-account.ts';
import { isLogTrouble } from './io/nats/log-trouble.ts';
import { freeableLogs } from './io/nats/output/free-logs.ts';
import { openStore, type Store } from './io/open-store.ts';
import { meteredLog } from './observe/metered-log.ts';
import { openMeters } from './observe/meters.ts';
import { freeableMoments, makeOwnFolders, type Room, watchOwnDisk } from './own-folders.ts';
import { type HostModels, openHostModels } from './projector/host-models.ts';
import { type RunningRoles, roles } from './registry.ts';
import { afterCommits } from './relay/after-commits.ts';
import type { Opened, Parts, RoleDeps, RunningRole } from './role-deps.ts';
import { watchFarm } from './roles/farm-watch.ts';
import { holdRoles } from './roles/role-leases.ts';
import { standIn } from './roles/stand-in.ts';
import { serviceVersionKey } from './runner/readiness.ts';

export type Farm = {
  /** Where HTTP listens, or null without the role `api`. */
  readonly url: string | null;
  readonly adminBearerFile: string | null;
  /** Makes an address that signs the admin in once, within ten minutes; null where the bearer is not known here. */
  readonly signInLink: (() => Promise<string>) | null;
  /** How the processes of jobs are held together, or null without the role `runner`. */
  readonly containment: string | null;
  /** What jobs cannot reach, or null without the role `runner`. */
  readonly sandbox: string | null;
  readonly durability: string;
  readonly models: HostModels | null;
  readonly store: Store;
  /** Takes no more jobs, and hands back those that still run after `graceMs`. */
  drain(graceMs: number): Promise<void>;
  close(): Promise<void>;
};

/** Roles that look into no sources; every other one has mirrors and work trees. */
const withoutSources: ReadonlySet<Role> = new Set(['projector', 'relay', 'digester', 'notifier']);

/** The one composition root: starts the roles of a configuration, closes them in the opposite order. */
export async function start(config: Config, logger: Log, parts: Parts = {}): Promise<Farm> {
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) {
      await Promise.resolve(closer()).catch((error) =>
        logger.warn({ error: messageOf(error) }, 'a part did not close cleanly'),
      );
    }
  };
  const opened: Opened = (part, closer) => {
    closers.push(() => closer(part));
    return part;
  };
  const has = (role: Role) => config.roles.includes(role);
  const clock = parts.clock ?? systemClock;
  const room: Room = { onRoom: () => {}, freeables: [] };
  try {
    opened(lockDataDir(config.dataDir, { shared: config.natsUrl !== null }), (lock) => lock.release());
    if (has('api')) await tryPlace(config.place);
    await finishRestore(config.dataDir);
    makeOwnFolders(config);
    const processes = has('runner') ? ownProcesses(config) : null;
    processes?.catch(() => {});
    const disk = opened(await watchOwnDisk(config, { logger, clock, room }), (one) => one.stop());
    const storeDisk = { isFull: () => disk.shortage() !== null, giveRoom: disk.reserve.release, flow: disk };
    const meters = openMeters();
    // Loaded where a collector is named.
    const traces = config.otlp ? (await import('./observe/trace-events.ts')).openTraces(config.otlp, logger) : null;
    if (traces) opened(traces, (one) => one.stop());
    const opening = opened(await openStore(config, logger, clock, storeDisk), (one) => one.close());
    const store = { ...opening, log: meteredLog(opening.log, { append: meters.append, traces, clock }) };
    room.onRoom = store.suspect;
    await store.checkKey();
    const workspaces = config.roles.some((role) => !withoutSources.has(role))
      ? opened(parts.workspaces ?? (await ownWorkspaces(config, logger)), (one) => one.close())
      : null;
    const models = config.roles.some((role) => role !== 'runner')
      ? opened(
          await openHostModels({
            dir: config.dataDir,
            log: store.log,
            logger,
            isProjector: has('projector'),
            snapshots: store.snapshots,
            keeping: {
              everyEvents: config.snapshotEvents,
              mostBytes: config.snapshotMostBytes,
              now: () => clock.now(),
            },
          }),
          (one) => one.close(),
        )
      : null;
    if (has('runner') && config.installCacheBytes > 0) {
      const { freeableInstalls } = await import('./dependencies/freeable-installs.ts');
      const { ownStore } = await import('./dependencies/own-store.ts');
      room.freeables.push(freeableInstalls(config.cacheDir, () => ownStore(config, () => clock.now())));
    }
    if (workspaces) room.freeables.push(...workspaces.freeables);
    if (models) {
      room.freeables.unshift(freeableMoments(config, models));
      if (store.logsDir !== null) {
        const open = () => models.query().jobs.open();
        room.freeables.push(freeableLogs(store.nats, { dir: store.logsDir, open }));
      }
      await store.hints.put(serviceVersionKey, version);
      await hearOthers({ ...store, config, models, logger, clock, parts, opened });
    }
    const deps = {
      ...store,
      config,
      version,
      models,
      workspaces,
      processes,
      logger,
      meters,
      clock,
      parts,
      opened,
      shortage: disk.shortage,
      freeables: room.freeables,
      cell: { current: null },
      egress: opened(
        openEgress({ ...store, ...config.egress, dataDir: config.dataDir, models, clock, logger }),
        (one) => one.close(),
      ),
    } as RoleDeps;
    const running: RunningRoles = {};
    for (const [role, startRole] of Object.entries(roles))
      if (has(role as Role))
        Object.assign(running, { [role]: opened<RunningRole>(await startRole(deps), (one) => one.stop()) });
    const { runner = null } = running;
    if (!store.nats.account) await holdPlaces(deps, models, workspaces);
    if (has('api') && models) {
      const watching = { log: store.log, models, logger, meters, clock, traces };
      const { watchEvents } = await import('./observe/watch-events.ts');
      opened(await watchEvents(watching), (one) => one.stop());
    }
    const served = has('api') ? await (await import('./serve-http.ts')).serveHttp({ ...deps, running, disk }) : null;
    const { url = null, adminBearerFile = null, signInLink = null } = served ?? {};
    const drain = async (graceMs: number) => runner?.drain(graceMs);
    const { containment = null, sandbox = null } = runner ?? {};
    const { durability } = store;
    return { url, adminBearerFile, signInLink, containment, sandbox, durability, models, store, drain, close };
  } catch (error) {
    await close();
    if (!isLogTrouble(error)) throw startFailure(error, config.dataDir);
    const why = `The log did not do what a start asks of it (${messageOf(error)}); its server or this machine is overloaded, start again.`;
    throw new AppError('unavailable', why, { cause: error });
  }
}

/**
 * Lets in who has an account, and hears what runners of other machines say. Who runs no jobs also ends those of runners that
 * died: none may be there that does.
 */
async function hearOthers(
  deps: Store & Pick<RoleDeps, 'config' | 'models' | 'logger' | 'clock' | 'parts' | 'opened'>,
): Promise<void> {
  const { config, models, logger, parts, opened } = deps;
  const admit = () => deps.accounts.admit(allAccounts(models.query().accounts));
  const what = "the log's server does not let its accounts in, trying again";
  opened(await afterCommits(admit, { models, logger, what }), (one) => one.stop());
  const asked = () => !config.roles.includes('runner') || models.query().accounts.runners.list().length > 0;
  const claims = opened(openClaims({ ...deps, maxLogBytes: config.maxLogBytes, ...parts }, asked), (one) => one.stop());
  const why = 'what runners of other machines say cannot be heard, trying again';
  opened(await afterCommits(claims.look, { models, logger, what: why }), (one) => one.stop());
}

/** Says which roles live here, looks at the farm, and stands in for a parser that nobody runs. */
async function holdPlaces(deps: RoleDeps, models: HostModels | null, workspaces: Workspaces | null): Promise<void> {
  const { config, leases, logger, opened, shortage } = deps;
  const times = deps.parts.farmTimes ? { times: deps.parts.farmTimes } : {};
  const projector = () => models?.facts() ?? null;
  opened(await holdRoles({ leases, roles: config.roles, logger, projector }), (one) => one.stop());
  if (!models) return;
  opened(watchFarm({ ...deps, logger, shortage, ...times }), (one) => one.stop());
  if (config.roles.includes('parser')) return;
  const begin = async () => {
    const sources = workspaces ?? opened(await ownWorkspaces(config, logger), (one) => one.close());
    return roles.parser({ ...deps, workspaces: sources });
  };
  opened(standIn({ role: 'parser', leases, logger, begin, ...times }), (one) => one.stop());
}

/** Loaded where a role looks into sources. */
async function ownWorkspaces(config: Config, logger: Log) {
  return (await import('./own-workspaces.ts')).openOwnWorkspaces(config, logger);
}

/** Loaded where jobs run. */
async function ownProcesses({ containment }: Config) {
  const { openProcesses } = await import('./io/process/open-processes.ts');
  return openProcesses(containment === 'auto' ? {} : { containment });
}
