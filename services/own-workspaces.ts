import type { Config } from './config.ts';
import { messageOf } from './floor/app-error.ts';
import { openWorkspaces, type Workspaces } from './io/git/trees/workspaces.ts';
import type { Log } from './io/log.ts';

const hour = 3_600_000;

/** The mirrors and trees of a farm, collected every hour. */
export function openOwnWorkspaces(
  { dataDir, cacheDir, workspaceDir, allowLocalRepos, slots, patcher }: Config,
  logger: Log,
): Workspaces {
  const workspaces = openWorkspaces({
    dir: workspaceDir,
    allowLocal: allowLocalRepos,
    closed: [dataDir, cacheDir],
    trusted: patcher.forge.more.flatMap(({ url, ca }) => (ca === null ? [] : [{ url, ca }])),
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
