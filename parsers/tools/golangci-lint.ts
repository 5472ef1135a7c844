import { silencers, type Tool } from './define.ts';

/** `//nolint` counts on its line; on a line of its own for the declaration or statement that follows. */
export const golangciLint: Tool = {
  name: 'golangci-lint',
  documentation: 'https://golangci-lint.run/docs/linters/false-positives/',
  install: 'https://golangci-lint.run/docs/welcome/install/',
  programs: ['golangci-lint'],
  languages: ['go'],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 3: 'it failed', 4: 'time-out', 5: 'no Go files', 7: 'errors' },
  sharesRules: ['staticcheck', 'gosec'],
  silencers: silencers('go', 'comment', [
    ['nolint\\b', 'line', '//nolint:errcheck', { family: 'nolint', alone: 'declaration' }],
    [
      '(?:revive : disable|exhaustive : ignore|errcheck : ?ignore|gocover : ignore|coverage : ignore|nolintlint|wrapcheck : ignore|exhaustruct : ignore)',
      'line',
      '//revive:disable-line',
      { family: 'go-misc', alone: 'declaration' },
    ],
  ]),
  obeys: ['staticcheck', 'gosec'],
  settings: { files: ['.golangci*', 'revive.toml', '.revive.toml', '.errcheck-excludes', '.depguard*'] },
  options: {
    selects:
      '-E --enable --enable-only -p --presets --new-from-rev --new-from-patch --new-from-merge-base --default --build-tags',
    ignores: '-D --disable -e --exclude --skip-dirs --skip-files --exclude-dirs --exclude-files',
    config: '-c --config',
    lowers: '-n --new --fast --fast-only --disable-all --no-config --exclude-use-default --tests=false',
  },
  fix: { how: 'edits', counts: 'unknown' },
};
