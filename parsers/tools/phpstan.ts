import { silencers, type Tool } from './define.ts';

export const phpstan: Tool = {
  name: 'phpstan',
  documentation: 'https://phpstan.org/user-guide/ignoring-errors',
  install: 'composer require --dev phpstan/phpstan',
  programs: ['phpstan'],
  languages: ['php'],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'findings, or it failed' },
  machine: { flag: '--error-format=json', asked: /--error-format[ =](json|prettyJson|checkstyle|junit|gitlab|raw)/ },
  silencers: silencers('php', 'inside', [
    ['@phpstan-ignore(?!-next-line)[\\w-]{0,20}', 'line', '// @phpstan-ignore argument.type', { alone: 'next' }],
    ['@phpstan-ignore-next-line\\b', 'next', '// @phpstan-ignore-next-line'],
  ]),
  settings: { files: ['phpstan*.neon*', '.phpstan*.neon*'], lists: ['phpstan*baseline*.{neon,php}'] },
  options: {
    selects: '-l --level',
    ignores: '--generate-baseline',
    config: '-c --configuration -a --autoload-file',
    lowers: '--allow-empty-baseline',
  },
};
