import type { Tool } from './define.ts';

/** No comment silences it; `ignore = true` in .editorconfig does. */
export const shfmt: Tool = {
  name: 'shfmt',
  documentation: 'https://github.com/mvdan/sh/blob/master/cmd/shfmt/shfmt.1.scd',
  install: 'go install mvdan.cc/sh/v3/cmd/shfmt@latest',
  programs: ['shfmt'],
  languages: ['shell', 'bash', 'sh'],
  scope: 'file',
  exits: { 0: 'all is formatted', 1: 'some is not, or it failed' },
  settings: { files: ['.editorconfig'] },
  options: { selects: '-ln --language-dialect -i --indent -p --posix', lowers: '--apply-ignore' },
};
