import type { Tool } from './define.ts';
import { runnerPaths } from './settings-paths.ts';

export const cypress: Tool = {
  name: 'cypress',
  documentation: 'https://docs.cypress.io/app/references/configuration',
  install: 'npm install --save-dev cypress',
  programs: ['cypress'],
  languages: ['typescript'],
  settings: { files: ['cypress.config*', 'cypress.json', 'cypress.env.json'] },
  paths: { files: ['cypress.config.js', 'cypress.config.ts'], read: runnerPaths },
  options: { selects: '-s --spec --project', config: '-c --config -C --config-file', lowers: '--pass-with-no-tests' },
};
