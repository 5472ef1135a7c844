import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ulid } from 'ulid';
import { subjectToken } from '../../events/subjects.ts';
import { bundledTools } from '../bundled-tools.ts';
import type { Config } from '../config.ts';
import { type Dependencies, openDependencies } from '../dependencies/open-dependencies.ts';
import { ownStore } from '../dependencies/own-store.ts';
import { toolVersions } from '../dependencies/tool-versions.ts';
import { messageOf } from '../floor/app-error.ts';
import { isMaskable } from '../floor/text/redactor.ts';
import type { Log } from '../io/log.ts';
import { openProcesses, type Processes } from '../io/process/open-processes.ts';
import { openSandbox, type Sandbox } from '../io/sandbox/open-sandbox.ts';
import type { RoleDeps } from '../role-deps.ts';
import { toolchainLabels } from '../toolchain-labels.ts';
import { openForgeVoice } from '../work/speak-on-forge.ts';
import type { AgentDeps } from './agents/run-agent.ts';
import { startClaimingRunner } from './claiming-runner.ts';
import { type JobHomes, openJobHomes } from './home/job-home.ts';
import { baseEnvironment, letOut } from './home/recipe-environment.ts';
import { type RunningRunner, startRunner } from './runner.ts';

export type RunnerRole = RunningRunner & {
  /** How the processes of jobs are held together, and what they cannot reach. */
  readonly containment: string;
  readonly sandbox: string;
  stop(): Promise<void>;
};

/** A process that only runs jobs has no read models. */
type WithoutModels = Omit<RoleDeps, 'models'> & Partial<Pick<RoleDeps, 'models'>>;

/** Starts the role: what holds the processes of jobs, what shuts them in, and the runner with what the configuration says. */
export async function startRunnerRole(deps: WithoutModels): Promise<RunnerRole> {
  const { config, logger, opened, nats, parts } = deps;
  const processes = opened(await (deps.processes ?? openProcesses({})), (one) => one.close());
  const environment = baseEnvironment({ inherited: process.env, extraPath: [bundledTools] });
  const sandbox = opened(await openOwnSandbox(config, processes, environment), (one) => one.close());
  deps.cell.current = { processes, sandbox };
  const homes = opened(openOwnHomes(config, sandbox, logger), (one) => one.close());
  const dependencies = config.installCacheBytes > 0 ? openOwnDependencies(config, environment, deps) : undefined;
  deps.freeables.splice(1, 0, homes.freeable);
  const starting = nats.account ? startClaimingRunner : startRunner;
  const running = await starting({
    ...deps,
    processes,
    sandbox,
    homes,
    ...(dependencies ? { dependencies } : {}),
    environment,
    isTraced: config.otlp !== null,
    // One with a credential of its own is known by the name that stands in it.
    runner: nats.account ? subjectToken(nats.account) : runnerId(join(config.workspaceDir, 'runner-id')),
    slots: config.slots,
    labels: config.labels,
    // Made by git's own start, and of nobody's job.
    findLabels:
      parts.findLabels ?? (() => toolchainLabels({ ...environment, HOME: join(config.workspaceDir, 'home') })),
    mayAsk: nats.account === null,
    agents: nats.account === null ? agentDeps(deps) : null,
    maxLogBytes: config.maxLogBytes,
    jobEnv: jobVariables(config, logger),
    ...(parts.leaseTimes ? { leaseTimes: parts.leaseTimes } : {}),
  });
  const { containment } = processes;
  return { ...running, containment, sandbox: sandbox.level, stop: () => running.close() };
}

/** Where bottles of this runner keep what they leave, and how they get out. */
function agentDeps({ bottles, parts, egress, models, ...deps }: WithoutModels): AgentDeps {
  const openVoice = parts.openVoice ?? (models ? openForgeVoice({ ...deps, models }) : null);
  return { bottles, openAccess: parts.openAccess ?? egress.open, openVoice };
}

function openOwnSandbox(config: Config, processes: Processes, env: Record<string, string>): Promise<Sandbox> {
  const { sandbox: want, cacheDir, dataDir, workspaceDir, sandboxShow: show } = config;
  return openSandbox({ want, processes, env, cacheDir, own: [dataDir, workspaceDir], show });
}

/** Opens the place of the jobs' folders of a farm. */
function openOwnHomes({ workspaceDir, cacheDir }: Config, { hasLayers }: Sandbox, logger: Log): JobHomes {
  const onTrouble = (error: unknown) =>
    logger.warn({ error: messageOf(error) }, 'the folders of a job could not be removed');
  return openJobHomes({ dir: join(workspaceDir, 'homes'), cacheDir, hasLayers, onTrouble });
}

/** What keeps the dependencies of jobs, a folder for each owner. */
function openOwnDependencies(
  config: Config,
  environment: Record<string, string>,
  { logger, clock }: Pick<RoleDeps, 'logger' | 'clock'>,
): Dependencies {
  const now = () => clock.now();
  return openDependencies({
    store: ownStore(config, now),
    versions: toolVersions({ ...environment, HOME: join(config.workspaceDir, 'home') }, now),
    now,
    onTrouble: (what, error) =>
      logger.warn({ what, error: messageOf(error) }, 'the dependencies of a job are not kept'),
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
