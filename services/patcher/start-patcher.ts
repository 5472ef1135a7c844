import { join } from 'node:path';
import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import { keyedLock } from '../floor/keyed-lock.ts';
import type { Agent } from '../io/agent/agent.ts';
import { openClawdforge } from '../io/agent/clawdforge-agent.ts';
import { openCommandAgent } from '../io/agent/command-agent.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Log } from '../io/log.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { grantedForges } from '../projects/forge-access.ts';
import type { PatcherDeps } from './attempt-steps.ts';

/** Who drafts and where proposals go, as the configuration says. */
export function patcherParts(
  config: Config,
  { log, models, clock }: { log: Pick<EventLog, 'at'>; models: Pick<ReadModels, 'query'>; clock: Clock },
): Pick<PatcherDeps, 'agent' | 'withLock' | 'openForge'> {
  const open = grantedForges({ config, models, clock });
  return {
    agent: agentOf(config, log),
    withLock: keyedLock(),
    openForge: ({ project, forge: kind, repository }) =>
      kind === 'none' || repository === null ? null : open(project, { kind, repository }),
  };
}

/** Attempts are numbered in each farm alike: with its name, one farm never finds the conversations of another. */
function agentOf({ patcher, dataDir }: Config, log: Pick<EventLog, 'at'>): Agent | null {
  const { clawdforge, command, turnTimeoutSecs } = patcher;
  if (command)
    return openCommandAgent({ command, turnTimeoutSecs, environment: process.env, folder: join(dataDir, 'agent') });
  if (!clawdforge) return null;
  const agent = openClawdforge({ ...clawdforge, turnTimeoutSecs });
  return {
    ...agent,
    open: async (patchId) => agent.open(`${await farmName(log)}/${patchId}`),
    find: async (patchId) => agent.find(`${await farmName(log)}/${patchId}`),
  };
}

/** Says at start what the loop cannot do, and which variables would change that. */
export function announcePatcher({ patcher }: Config, logger: Log): void {
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
