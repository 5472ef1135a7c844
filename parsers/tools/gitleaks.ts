import { silencers, type Tool } from './define.ts';

export const gitleaks: Tool = {
  name: 'gitleaks',
  documentation: 'https://github.com/gitleaks/gitleaks#additional-configuration',
  install: 'go install github.com/zricethezav/gitleaks/v8@latest',
  programs: ['gitleaks'],
  languages: [],
  exits: { 0: 'nothing found', '1-125': 'leaks, 1 or as --exit-code says, or it failed' },
  silencers: silencers(null, 'line', [['gitleaks : allow\\b', 'line', '# gitleaks:allow']]),
  settings: { files: ['.gitleaks.toml', 'gitleaks.toml'], lists: ['.gitleaksignore', '*gitleaks*baseline*.json'] },
  options: {
    selects: '--enable-rule --max-target-megabytes --log-opts',
    ignores: '-b --baseline-path -i --gitleaks-ignore-path',
    config: '-c --config',
  },
};
