import type { Role } from './config-kinds.ts';
import { startDigester } from './digester/start-digester.ts';
import { startNotifier } from './notifier/start-notifier.ts';
import { startParser } from './parser/start-parser.ts';
import { startPatcher } from './patcher/start-patcher.ts';
import { startRelay } from './relay/relay.ts';
import type { RoleDeps, RunningRole } from './role-deps.ts';
import { startRunnerRole } from './runner/start-runner.ts';
import { startScheduler } from './scheduler/start-scheduler.ts';

/** The roles that others stand on: the composition root starts them itself. */
export type Ground = 'api' | 'projector';

/** Every role that reacts to the log or works by the clock, in the order in which they start. */
export const roles = {
  parser: startParser,
  patcher: startPatcher,
  relay: startRelay,
  scheduler: startScheduler,
  digester: startDigester,
  notifier: startNotifier,
  runner: startRunnerRole,
} as const satisfies Record<Exclude<Role, Ground>, (deps: RoleDeps) => Promise<RunningRole>>;

/** Those that run in this process. */
export type RunningRoles = { [R in keyof typeof roles]?: Awaited<ReturnType<(typeof roles)[R]>> };
