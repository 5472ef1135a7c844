import { silencers, type Tool } from './define.ts';

/** It obeys no comments of its own; forks of it do. Its list holds fingerprints. */
export const brakeman: Tool = {
  name: 'brakeman',
  documentation: 'https://brakemanscanner.org/docs/ignoring_false_positives/',
  install: 'gem install brakeman',
  programs: ['brakeman'],
  languages: ['ruby'],
  scope: 'program',
  exits: { 0: 'nothing found', 3: 'warnings' },
  fails: { 4: 'no Rails application', 7: 'it met errors' },
  machine: { flag: '-f json', asked: /(-f|--format)[ =](json|sarif)/ },
  silencers: silencers('ruby', 'inside', [
    ['\\bbrakeman : ?ignore\\b', 'line', '# brakeman:ignore', { alone: 'next' }],
  ]),
  settings: { files: ['brakeman.{yml,yaml}', '.brakeman.{yml,yaml}'], lists: ['brakeman.ignore', '.brakeman*ignore'] },
  options: {
    selects: '-t --test --only-files -w --confidence-level',
    ignores: '-x --except --skip-files -i --ignore-config -s --safe-methods --add-libs-path --compare',
    config: '-c --config-file',
    lowers: '--skip-libs --faster --no-exit-on-warn --no-exit-on-error --ignore-model-output --ignore-protected',
  },
};
