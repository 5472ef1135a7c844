import { silencers, type Tool } from './define.ts';

export const hadolint: Tool = {
  name: 'hadolint',
  documentation: 'https://github.com/hadolint/hadolint#inline-ignores',
  install: 'the binary of a release (https://github.com/hadolint/hadolint/releases)',
  programs: ['hadolint'],
  languages: ['docker', 'dockerfile'],
  scope: 'file',
  exits: { 0: 'nothing at or above the threshold', 1: 'findings' },
  machine: { flag: '-f json', asked: /(-f|--format)[ =](json|sarif)/ },
  silencers: silencers('dockerfile', 'comment', [
    ['hadolint ignore\\b', 'next', '# hadolint ignore=DL3008'],
    ['hadolint global ignore\\b', 'file', '# hadolint global ignore=DL3008'],
  ]),
  settings: { files: ['.hadolint.{yml,yaml}', 'hadolint.{yml,yaml}'] },
  options: {
    selects: '-t --failure-threshold --error --warning --info --style',
    ignores: '--ignore --trusted-registry',
    config: '-c --config',
    lowers: '--no-fail --disable-ignore-pragma',
  },
  narrowing: {
    start: 'hadolint',
    values: '-f --format',
    flags: '--no-color -V --verbose',
    reads: /(?:^|\/)(?:[\w.-]*Dockerfile[\w.-]*|Containerfile|[\w.-]+\.dockerfile)$/i,
    wholeFolder: false,
  },
};
