import type { Tool } from './define.ts';
import { runnerPaths } from './settings-paths.ts';

export const mocha: Tool = {
  name: 'mocha',
  documentation: 'https://mochajs.org/#configuring-mocha-nodejs',
  install: 'npm install --save-dev mocha',
  programs: ['mocha', '_mocha'],
  languages: ['typescript'],
  exits: { 0: 'all passed', '1-255': 'failures; their number' },
  settings: { files: ['.mocharc*', 'mocha.opts'], tables: { 'package.json': ['mocha'] } },
  paths: {
    files: ['.mocharc.json', '.mocharc.js', '.mocharc.cjs', '.mocharc.yml', '.mocharc.yaml'],
    read: runnerPaths,
  },
  options: {
    selects: '-g --grep -f --fgrep --spec --extension',
    ignores: '--ignore --exclude',
    config: '--config --opts --file -r --require --package',
    lowers: '-i --invert --pass-on-failing-test-suite --no-config --dry-run',
  },
};
