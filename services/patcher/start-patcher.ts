import { join } from 'node:path';
import type { Config } from '../config.ts';
import { type Consumer, lateConsumer } from '../define.ts';
import type { Clock } from '../floor/clock.ts';
import { keyedLock } from '../floor/keyed-lock.ts';
import type { Agent } from '../io/agent/agent.ts';
import { openClawdforge } from '../io/agent/clawdforge-agent.ts';
import { openCommandAgent } from '../io/agent/command-agent.ts';
import { type Cell, programCell } from '../io/agent/program-cell.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import { runConsumer } from '../io/nats/log/run-consumer.ts';
import type { Vault } from '../io/sealing/vault.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { grantedForges } from '../projects/forge-access.ts';
import type { RoleDeps, RunningRole } from '../role-deps.ts';
import type { PatcherDeps } from './attempt-steps.ts';
import { agentCell } from './drafting/agent-cell.ts';
import { openSecretScan } from './gate/scan-secrets.ts';

type PatcherFrom = {
  readonly log: Pick<EventLog, 'at'>;
  readonly models: Pick<ReadModels, 'query'>;
  readonly clock: Clock;
  readonly vault: Pick<Vault, 'get'>;
  /** Where the agent's command is shut in. */
  readonly openCell: () => Promise<Cell>;
};

/** What the role listens to; its handlers are in `patcher.ts`, and behind them every rule of patches. */
export const patcherConsumer = {
  name: 'patcher',
  maxInFlight: 4,
  on: [
    'AgentRunEnded',
    'FindingsParsed',
    'PatchRequested',
    'PatchRefreshRequested',
    'PatchSentBack',
    'PatchDrafted',
    'PatchVerified',
    'PatchApproved',
    'PatchApprovalDeclined',
    'PatchApprovalExpired',
    'BranchPushed',
    'PatchDeclined',
    'PatchRefused',
    'PatchApplyFailed',
    'PatchVerifyFailed',
    'PatchAbandoned',
    'PrClosed',
    'PrMerged',
    'PrSuperseded',
    'PrConflicted',
    'PatchReconsidered',
    'PatchStopped',
    'PatchingResumed',
    'ForgeCredentialAccepted',
    'ForgeEventReceived',
    'DeliveryAbandoned',
  ],
} as const;

/** Starts the role: it reacts to the log, and looks after the pull requests of forges that tell of nothing. */
export async function startPatcher(given: RoleDeps): Promise<RunningRole> {
  const { config, logger, parts, opened } = given;
  announcePatcher(config, logger);
  const cells = opened(
    agentCell(config, () => given.cell.current),
    (one) => one.close(),
  );
  const own = patcherParts(config, { ...given, openCell: cells.open });
  const { agent = own.agent, judge } = parts;
  const deps = { ...given, ...own, agent, ...(judge ? { judge } : {}) };
  // Without a forge there is no pull request that anybody could look at.
  if (config.patcher.missing.length === 0 && !config.patcher.forge.none) {
    const { pollPulls } = await import('./publishing/poll-pulls.ts');
    opened(pollPulls(deps, config.patcher.pollSecs), (one) => one.stop());
  }
  if (config.patcher.missing.length === 0) {
    const { watchApprovals } = await import('./publishing/await-approval.ts');
    const { watchCredentials } = await import('./hold-project.ts');
    opened(watchApprovals(deps), (one) => one.stop());
    opened(watchCredentials(deps), (one) => one.stop());
  }
  const { consumer = (one: Consumer) => one } = parts;
  const load = async () => (await import('./patcher.ts')).patcher(deps);
  return runConsumer(consumer(lateConsumer(patcherConsumer, load)), {
    ...deps,
    ...(parts.patience ? { patience: parts.patience } : {}),
  });
}

/** Who drafts and where pull requests go, as the configuration says. */
function patcherParts(
  config: Config,
  { log, models, clock, vault, openCell }: PatcherFrom,
): Pick<PatcherDeps, 'agent' | 'withLock' | 'openForge' | 'secrets'> {
  const open = grantedForges({ config, models, clock, vault });
  return {
    agent: agentOf(config, { log, openCell }),
    withLock: keyedLock(),
    secrets: openSecretScan(process.env),
    openForge: ({ project, forge: kind, repository }) =>
      kind === 'none' || repository === null ? null : open(project, { kind, repository }),
  };
}

/** Attempts are numbered in each farm alike: with its name, one farm never finds the conversations of another. */
function agentOf(
  { patcher, dataDir }: Config,
  { log, openCell: open }: Pick<PatcherFrom, 'log' | 'openCell'>,
): Agent | null {
  const { clawdforge, command, turnTimeoutSecs, agentEnv: passOn, agentNetwork: network, agentIsShutIn } = patcher;
  if (command) {
    const own = { command, turnTimeoutSecs, environment: process.env, passOn, folder: join(dataDir, 'agent') };
    const home = join(dataDir, 'agent-home');
    return openCommandAgent(agentIsShutIn ? { ...own, run: programCell({ open, home, network }) } : own);
  }
  if (!clawdforge) return null;
  const agent = openClawdforge({ ...clawdforge, turnTimeoutSecs });
  return {
    ...agent,
    open: async (patchId) => agent.open(`${await farmName(log)}/${patchId}`),
    find: async (patchId) => agent.find(`${await farmName(log)}/${patchId}`),
  };
}

/** Says at start what the loop cannot do, and which variables would change that. */
function announcePatcher({ patcher }: Config, logger: Log): void {
  const { missing, missingForAgent } = patcher;
  if (missing.length > 0) logger.info(`patch loop disabled — ${missing.join(', ')} not set`);
  else if (missingForAgent.length > 0)
    logger.info(
      `patch loop without an agent — ${missingForAgent.join(', ')} not set; edits of tools and version bumps only`,
    );
}

/** A name that one log has for ever, and no other: that of its first event. */
async function farmName(log: Pick<EventLog, 'at'>): Promise<string> {
  return (await log.at(1))?.eventId.slice(0, 36) ?? '';
}
