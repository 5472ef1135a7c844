import type { Tool } from './define.ts';

export const mocha: Tool = {
  name: 'mocha',
  documentation: 'https://mochajs.org/#configuring-mocha-nodejs',
  install: 'npm install --save-dev mocha',
  programs: ['mocha', '_mocha'],
  languages: ['typescript'],
  exits: { 0: 'all passed', 1: 'failures; their number' },
  settings: { files: ['.mocharc*', 'mocha.opts'], tables: { 'package.json': ['mocha'] } },
  options: {
    selects: '-g --grep -f --fgrep --spec --extension',
    ignores: '--ignore --exclude',
    config: '--config --opts --file -r --require --package',
    lowers: '-i --invert --pass-on-failing-test-suite --no-config --dry-run',
  },
};
