import { silencers, type Tool } from './define.ts';

export const gosec: Tool = {
  name: 'gosec',
  documentation: 'https://github.com/securego/gosec#annotating-code',
  install: 'go install github.com/securego/gosec/v2/cmd/gosec@latest',
  programs: ['gosec'],
  languages: ['go'],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'findings, or it failed' },
  machine: { flag: '-fmt=json', asked: /-fmt[ =](json|sarif)/ },
  silencers: silencers('go', 'inside', [
    ['# ?nosec\\b', 'line', '// #nosec G404', { alone: 'declaration' }],
    ['gosec : disable\\b', 'line', '//gosec:disable G404', { alone: 'declaration' }],
  ]),
  settings: { files: ['gosec*.json', '.gosec*'] },
  options: {
    selects: '-include -severity -confidence -tags',
    ignores: '-exclude -exclude-dir -exclude-rules',
    config: '-conf',
    lowers: '-exclude-generated -no-fail -nosec-require-rules -track-suppressions',
  },
};
