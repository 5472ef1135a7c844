import type { Tool } from './define.ts';
import { runnerPaths } from './settings-paths.ts';

export const playwright: Tool = {
  name: 'playwright',
  documentation: 'https://playwright.dev/docs/test-configuration',
  install: 'npm install --save-dev @playwright/test',
  programs: ['playwright'],
  languages: ['typescript'],
  settings: { files: ['playwright.config*', 'playwright-*.config*'] },
  paths: { files: ['playwright.config.js', 'playwright.config.ts'], read: runnerPaths },
  options: {
    selects: '-g --grep --project --shard',
    ignores: '--grep-invert',
    config: '-c --config',
    lowers: '--last-failed --only-changed --pass-with-no-tests',
  },
};
