import { silencers, type Tool } from './define.ts';

export const checkov: Tool = {
  name: 'checkov',
  documentation: 'https://www.checkov.io/2.Basics/Suppressing%20and%20Skipping%20Policies.html',
  install: 'pip install checkov',
  programs: ['checkov'],
  languages: [],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'findings' },
  silencers: silencers(null, 'inside', [
    ['\\b(?:checkov|bridgecrew) : skip', 'line', '#checkov:skip=CKV_AWS_20: public', { alone: 'declaration' }],
  ]),
  settings: { files: ['.checkov.{yml,yaml}', 'checkov.{yml,yaml}'], lists: ['.checkov.baseline'] },
  options: {
    selects: '-c --check --framework',
    ignores: '--skip-check --skip-path --skip-framework --baseline',
    config: '--config-file',
    lowers: '-s --soft-fail --compact',
  },
};
