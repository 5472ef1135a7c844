import { silencers, type Tool } from './define.ts';

export const zizmor: Tool = {
  name: 'zizmor',
  documentation: 'https://docs.zizmor.sh/usage/#ignoring-results',
  install: 'pip install zizmor',
  programs: ['zizmor'],
  languages: ['yaml'],
  scope: 'file',
  exits: { 0: 'nothing found', '10-14': 'findings: 11 informational, 12 low, 13 medium, 14 high' },
  fails: { 1: 'it failed' },
  machine: { flag: '--format=json', asked: /--format[ =](json|sarif|github|plain)/ },
  silencers: silencers('yaml', 'inside', [['zizmor : ignore', 'line', '# zizmor: ignore[artipacked]']]),
  settings: { files: ['zizmor.{yml,yaml}', '.github/zizmor.{yml,yaml}'] },
  options: {
    selects: '--min-severity --min-confidence --persona --collect',
    config: '-c --config',
    lowers: '--offline -o --no-online-audits',
  },
};
