import { silencers, type Tool } from './define.ts';

/** Security defects in Python. `# nosec` counts on the line, or on any line of a statement over several. */
export const bandit: Tool = {
  name: 'bandit',
  documentation: 'https://bandit.readthedocs.io/en/latest/config.html',
  install: 'pip install bandit',
  version: '--version',
  programs: ['bandit'],
  languages: ['python'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'it failed' },
  machine: { flag: '-f json', asked: /(-f|--format)[ =](json|sarif)/ },
  silencers: silencers('python', 'inside', [['# nosec\\b', 'line', '# nosec B602']]),
  settings: {
    files: ['.bandit*', 'bandit.{yml,yaml}', '.bandit.{yml,yaml}'],
    tables: { 'pyproject.toml': ['tool.bandit'], 'setup.cfg': ['bandit'], 'tox.ini': ['bandit'] },
  },
  options: {
    selects: '-t --tests -p --profile --severity-level --confidence-level',
    ignores: '-s --skip -x --exclude -b --baseline',
    config: '-c --configfile --ini',
    lowers: '-ll -lll -i -ii -iii --exit-zero',
  },
  narrowing: {
    start: 'bandit',
    values: '-f --format',
    flags: '-r --recursive -q --quiet -l',
    reads: /\.py$/,
    wholeFolder: false,
  },
};
