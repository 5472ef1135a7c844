import { silencers, type Tool } from './define.ts';

/** A comment behind code counts on its line; on a line of its own until `enable`. */
export const rubocop: Tool = {
  name: 'rubocop',
  documentation: 'https://docs.rubocop.org/rubocop/configuration.html#disabling-cops-within-source-code',
  install: 'gem install rubocop',
  programs: ['rubocop', 'standardrb'],
  languages: ['ruby'],
  scope: 'file',
  wider: /^(?:Rails|Bundler|Gemspec|Packaging)\//,
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'it failed' },
  machine: { flag: '-f json', asked: /(-f|--format)[ =]j/ },
  silencers: silencers('ruby', 'inside', [
    [
      '(?:rubocop|standard) : (?:disable|todo)\\b',
      'line',
      '# rubocop:todo Style/Foo',
      { alone: 'block', end: '\\b(?:rubocop|standard) : enable\\b' },
    ],
  ]),
  settings: {
    files: ['.rubocop*', '.rubocop/**', 'rubocop*.{yml,yaml}', '.standard.yml'],
    lists: ['.standard_todo.yml', '.rubocop_todo.yml'],
  },
  options: {
    selects: '--only --fail-level',
    ignores: '--except --exclude-limit',
    config: '-c --config -r --require --plugin',
    lowers:
      '--force-default-config --only-recognized-file-types --display-only-fail-level-offenses --disable-uncorrectable --ignore-unrecognized-cops --safe --lint -l',
  },
  narrowing: {
    start: 'rubocop',
    values: '-f --format',
    flags: '--parallel --no-parallel --no-color --color --no-server --display-cop-names -D --force-exclusion',
    reads: /(?:\.(?:rb|rake|gemspec|ru)|(?:^|\/)(?:Gemfile|Rakefile))$/,
  },
  fix: {
    how: 'rerun',
    program: 'rubocop',
    code: /^[A-Z][A-Za-z0-9]{0,40}(?:\/[A-Z][A-Za-z0-9]{0,60}){1,3}$/,
    reads: /(?:\.(?:rb|rake|gemspec|ru)|(?:^|\/)(?:Gemfile|Rakefile))$/,
    // 1 says that something is left, which is judged elsewhere.
    command: (code, file, as) => `${as}rubocop --autocorrect --only ${code} ${file} || [ $? -eq 1 ]`,
  },
};
