import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ulid } from 'ulid';
import { subjectToken } from '../../events/subjects.ts';
import type { Config } from '../config.ts';
import { messageOf } from '../floor/app-error.ts';
import { isMaskable } from '../floor/redactor.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/open-store.ts';
import type { Sandbox } from '../io/sandbox/open-sandbox.ts';
import { toolchainLabels } from '../toolchain-labels.ts';
import { startClaimingRunner } from './claiming-runner.ts';
import { type JobHomes, openJobHomes } from './job-home.ts';
import { letOut } from './recipe-environment.ts';
import { type RunnerDeps, type RunningRunner, startRunner } from './runner.ts';

/** Opens the place of the jobs' folders of a farm. */
export function openOwnHomes({ workspaceDir, cacheDir }: Config, { hasLayers }: Sandbox, logger: Log): JobHomes {
  const onTrouble = (error: unknown) =>
    logger.warn({ error: messageOf(error) }, 'the folders of a job could not be removed');
  return openJobHomes({ dir: join(workspaceDir, 'homes'), cacheDir, hasLayers, onTrouble });
}

type Own = { readonly config: Config; readonly logger: Log } & Pick<RunnerDeps, 'leaseTimes' | 'findLabels'>;

/** Starts the runner of a farm with what its configuration says. */
export function startOwnRunner(
  { config, logger, leaseTimes, findLabels }: Own,
  deps: Store & Pick<RunnerDeps, 'workspaces' | 'processes' | 'sandbox' | 'homes' | 'environment' | 'clock'>,
): Promise<RunningRunner> {
  const starting = deps.nats.account ? startClaimingRunner : startRunner;
  return starting({
    ...deps,
    logger,
    // One with a credential of its own is known by the name that stands in it.
    runner: deps.nats.account ? subjectToken(deps.nats.account) : runnerId(join(config.workspaceDir, 'runner-id')),
    slots: config.slots,
    labels: config.labels,
    // Made by git's own start, and of nobody's job.
    findLabels: findLabels ?? (() => toolchainLabels({ ...deps.environment, HOME: join(config.workspaceDir, 'home') })),
    mayAsk: deps.nats.account === null,
    maxLogBytes: config.maxLogBytes,
    jobEnv: jobVariables(config, logger),
    ...(leaseTimes ? { leaseTimes } : {}),
  });
}

/** What jobs may ask for of our environment; said once of a value that no log of a job can be cleaned of. */
function jobVariables({ jobEnv }: Config, logger: Log): Record<string, string> {
  const variables = letOut(process.env, jobEnv);
  for (const [variable, value] of Object.entries(variables))
    if (!isMaskable(value))
      logger.warn({ variable }, 'too short to be masked in the logs of jobs: below six characters');
  return variables;
}

/** Who this runner is, across restarts: it recognises the jobs that an earlier life of it left running. */
function runnerId(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, ulid().toLowerCase(), { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
