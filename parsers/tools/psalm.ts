import { silencers, type Tool } from './define.ts';

export const psalm: Tool = {
  name: 'psalm',
  documentation: 'https://psalm.dev/docs/running_psalm/dealing_with_code_issues/',
  install: 'composer require --dev vimeo/psalm',
  programs: ['psalm', 'psalm.phar'],
  languages: ['php'],
  scope: 'program',
  exits: { 0: 'nothing found', 2: 'findings' },
  fails: { 1: 'it failed' },
  machine: {
    flag: '--output-format=json',
    asked: /--output-format[ =](json|checkstyle|sarif|junit|console|text|emacs)/,
  },
  silencers: silencers('php', 'inside', [
    [
      '@(?:psalm|phan)-(?:suppress|ignore)[\\w-]{0,40}|@phan-file-suppress',
      'line',
      '/** @psalm-suppress InvalidArgument */',
      { alone: 'declaration' },
    ],
  ]),
  obeys: ['phpmd'],
  settings: { files: ['psalm*.xml*', '.psalm*'], lists: ['psalm*baseline*.xml'] },
  options: {
    selects: '--error-level --find-dead-code --report-info',
    ignores: '--use-baseline --set-baseline',
    config: '-c --config -r --root',
    lowers: '-m --show-info=false --no-suggestions',
  },
};
