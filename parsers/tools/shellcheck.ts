import { silencers, type Tool } from './define.ts';

/** A directive counts for the command that follows: a line, a compound command, or the file when it stands first. */
export const shellcheck: Tool = {
  name: 'shellcheck',
  documentation: 'https://www.shellcheck.net/wiki/Directive',
  install: 'apt-get install shellcheck',
  version: '--version',
  programs: ['shellcheck'],
  languages: ['shell', 'bash', 'sh'],
  scope: 'file',
  wider: /^SC(?:1090|1091|2034|2119|2120|2153|2154)$/,
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'files that could not be read', 3: 'wrong arguments' },
  sharesRules: ['hadolint', 'actionlint'],
  machine: { flag: '-f json1', asked: /(-f|--format)[ =](json|gcc|checkstyle)/ },
  silencers: silencers('shell dockerfile make yaml', 'comment', [
    ['shellcheck\\s[^\\n]{0,80}?disable\\b', 'declaration', '# shellcheck disable=SC2086'],
  ]),
  settings: { files: ['.shellcheckrc', 'shellcheckrc'] },
  options: {
    selects: '-S --severity -i --include -o --enable -s --shell',
    ignores: '-e --exclude',
    config: '--rcfile -P --source-path',
    lowers: '--norc',
  },
  narrowing: {
    start: 'shellcheck',
    values: '-f --format',
    flags: '-x --external-sources -a --check-sourced',
    reads: /(?:\.(?:sh|bash|ksh|dash|bats)|(?:^|\/)[\w-]+)$/,
    wholeFolder: false,
  },
  fix: { how: 'edits', counts: 'characters' },
};
