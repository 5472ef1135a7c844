import { join } from 'node:path';
import type { Config } from '../config.ts';
import { keyedLock } from '../floor/keyed-lock.ts';
import type { Agent } from '../io/agent/agent.ts';
import { openClawdforge } from '../io/agent/clawdforge-agent.ts';
import { openCommandAgent } from '../io/agent/command-agent.ts';
import type { EventLog } from '../io/event-log.ts';
import type { Forge } from '../io/forge/forge.ts';
import { openForge } from '../io/forge/open-forge.ts';
import type { Log } from '../io/log.ts';
import type { PatcherDeps } from './attempt-steps.ts';

/** Who drafts and where proposals go, as the configuration says. */
export function patcherParts(
  config: Config,
  log: Pick<EventLog, 'at'>,
): Pick<PatcherDeps, 'agent' | 'withLock' | 'openForge'> {
  const forges = new Map<string, Forge | null>();
  return {
    agent: agentOf(config, log),
    withLock: keyedLock(),
    openForge: ({ forge: kind, repository }) => {
      if (kind === 'none' || repository === null) return null;
      const key = `${kind} ${repository}`;
      const known = forges.get(key);
      if (known !== undefined) return known;
      const opened = openForge({ kind, repository }, config.patcher.forge);
      forges.set(key, opened);
      return opened;
    },
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
