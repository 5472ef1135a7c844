import { silencers, type Tool } from './define.ts';

/** Checkers of Ruby beside RuboCop: SimpleCov, Reek, Sorbet, Steep, ERB Lint, HAML-Lint. */
export const rubyCheckers: Tool = {
  name: 'ruby-checkers',
  documentation: 'https://sorbet.org/docs/static',
  install: 'gem install sorbet',
  programs: ['srb tc', 'reek', 'steep check', 'erblint', 'haml-lint'],
  languages: ['ruby'],
  silencers: silencers('ruby', 'inside', [
    [': ?nocov ?:|simplecov : ?disable', 'block', '# :nocov:', { family: 'nocov' }],
    ['# :reek:', 'next', '# :reek:UnusedParameters', { family: 'reek' }],
    ['# typed : (?:false|ignore)\\b', 'file', '# typed: false', { family: 'sorbet' }],
    ['# steep : ignore\\b', 'line', '# steep:ignore', { family: 'steep' }],
    ['haml-lint : disable', 'block', '# haml-lint:disable LineLength', { family: 'haml', end: 'haml-lint : enable' }],
    ['erblint : disable', 'line', '# erblint:disable Rubocop', { family: 'erblint' }],
  ]),
  settings: {
    files: ['.reek*', '.erb_lint.yml', '.erb-lint.yml', '.haml-lint.yml', '.simplecov', 'sorbet/config', 'Steepfile'],
    lists: ['.haml-lint_todo.yml'],
  },
};
