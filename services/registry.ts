import type { Role } from './config-kinds.ts';
import type { RoleDeps, RunningRole } from './role-deps.ts';

/** The roles that others stand on: the composition root starts them itself. */
type Ground = 'api' | 'projector';

/** Every role that reacts to the log or works by the clock, in the order in which they start; loaded where it runs. */
export const roles = {
  bottler: async (deps: RoleDeps) => (await import('./bottler/start-bottler.ts')).startBottler(deps),
  parser: async (deps: RoleDeps) => (await import('./parser/start-parser.ts')).startParser(deps),
  patcher: async (deps: RoleDeps) => (await import('./patcher/start-patcher.ts')).startPatcher(deps),
  orchestrator: async (deps: RoleDeps) =>
    (await import('./orchestrator/start-orchestrator.ts')).startOrchestrator(deps),
  relay: async (deps: RoleDeps) => (await import('./relay/relay.ts')).startRelay(deps),
  scheduler: async (deps: RoleDeps) => (await import('./scheduler/start-scheduler.ts')).startScheduler(deps),
  digester: async (deps: RoleDeps) => (await import('./digester/start-digester.ts')).startDigester(deps),
  notifier: async (deps: RoleDeps) => (await import('./notifier/start-notifier.ts')).startNotifier(deps),
  runner: async (deps: RoleDeps) => (await import('./runner/start-runner.ts')).startRunnerRole(deps),
} as const satisfies Record<Exclude<Role, Ground>, (deps: RoleDeps) => Promise<RunningRole>>;

/** Those that run in this process. */
export type RunningRoles = { [R in keyof typeof roles]?: Awaited<ReturnType<(typeof roles)[R]>> };
