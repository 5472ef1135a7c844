import type { Tool } from './define.ts';
import { pathsOf } from './settings-paths.ts';

export const rspec: Tool = {
  name: 'rspec',
  documentation: 'https://rspec.info/features/3-13/rspec-core/configuration/read-options-from-file/',
  install: 'gem install rspec',
  programs: ['rspec'],
  languages: ['ruby'],
  exits: { 0: 'all passed', 1: 'failures' },
  machine: { flag: '--format json' },
  settings: { files: ['.rspec', '.rspec-local', '.simplecov'] },
  paths: {
    files: ['.rspec'],
    read: (text) => [
      ...pathsOf(
        'hook',
        [...text.matchAll(/(?:--require|-r)[ =]([\w./-]{1,200})/g)].flatMap(([, one = '']) => [
          `${one}.rb`,
          `spec/${one}.rb`,
          `lib/${one}.rb`,
        ]),
      ),
      ...pathsOf(
        'test',
        [...text.matchAll(/(?:--pattern|-P)[ =]["']?([^"'\s]{1,200})/g)].flatMap(([, one = '']) => one.split(',')),
      ),
    ],
  },
  options: {
    selects: '-e --example -E --example-matches -t --tag -P --pattern',
    ignores: '--exclude-pattern',
    config: '-O --options -r --require -I',
    lowers: '--only-failures -n --next-failure --fail-fast --dry-run --failure-exit-code',
  },
};
