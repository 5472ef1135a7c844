import { withBundledTools } from '../../bundled-tools.ts';

/** What git tells its hooks: a recipe that makes a repository of its own would write into this one. */
const ofHooks = ['GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_COMMON_DIR', 'GIT_OBJECT_DIRECTORY'];

/**
 * The environment of recipes in somebody's own checkout: theirs, with their home and caches, and what makes tools print as
 * they do in a job. Nothing of ours, where a token may be, is passed on.
 */
export function localEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(withBundledTools(env)).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !entry[0].startsWith('CRAFTING_') && !ofHooks.includes(entry[0]),
  );
  return {
    ...Object.fromEntries(own.filter(([name]) => name !== 'FORCE_COLOR')),
    CI: 'true',
    TERM: 'dumb',
    NO_COLOR: '1',
    GIT_TERMINAL_PROMPT: '0',
    DEBIAN_FRONTEND: 'noninteractive',
  };
}
