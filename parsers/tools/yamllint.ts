import { silencers, type Tool } from './define.ts';

export const yamllint: Tool = {
  name: 'yamllint',
  documentation: 'https://yamllint.readthedocs.io/en/stable/disable_with_comments.html',
  install: 'pip install yamllint',
  programs: ['yamllint'],
  languages: ['yaml'],
  scope: 'file',
  exits: { 0: 'no errors', 1: 'errors', 2: 'warnings, with --strict' },
  machine: { flag: '-f parsable', asked: /(-f|--format)[ =](parsable|github|standard|colored)/ },
  silencers: silencers('yaml', 'inside', [
    ['yamllint disable-line\\b', 'line', '# yamllint disable-line rule:colons', { alone: 'next' }],
    ['yamllint disable(?!-)\\b', 'block', '# yamllint disable rule:colons', { end: '\\byamllint enable\\b' }],
    ['yamllint disable-file\\b', 'file', '# yamllint disable-file'],
  ]),
  settings: { files: ['.yamllint', '.yamllint.{yml,yaml}'] },
  options: { ignores: '-d --config-data', config: '-c --config-file', lowers: '--no-warnings' },
  narrowing: {
    start: 'yamllint',
    values: '-f --format',
    flags: '-s --strict',
    reads: /(?:\.ya?ml|(?:^|\/)\.yamllint)$/,
    wholeFolder: false,
  },
};
