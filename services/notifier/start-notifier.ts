import type { Config } from '../config.ts';
import type { Clock } from '../floor/clock.ts';
import type { Forge } from '../io/forge/forge.ts';
import { openForge } from '../io/forge/open-forge.ts';
import type { Log } from '../io/log.ts';
import type { Store } from '../io/open-store.ts';
import type { ReadModels } from '../projector/read-models.ts';
import type { ForgeChoice } from '../projects/rules/choose-forge.ts';
import { startDeliveries } from './notifier.ts';

export type NotifierDeps = Store & {
  readonly config: Config;
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
  readonly version: string;
};

/** Starts the role; closing it waits for what it does at the moment. */
export async function startNotifier(deps: NotifierDeps): Promise<{ stop(): Promise<void> }> {
  return startDeliveries({ ...deps, openForge: keptForges(deps.config) });
}

/** One client for each repository: it keeps the pace that the forge asks for. */
function keptForges({ patcher }: Config): (choice: ForgeChoice) => Forge | null {
  const forges = new Map<string, Forge | null>();
  return (choice) => {
    if (choice.kind === 'none') return null;
    const key = `${choice.kind} ${choice.repository}`;
    if (!forges.has(key)) forges.set(key, openForge(choice, patcher.forge));
    return forges.get(key) ?? null;
  };
}
