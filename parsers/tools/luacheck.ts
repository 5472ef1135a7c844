import { silencers, type Tool } from './define.ts';

export const luacheck: Tool = {
  name: 'luacheck',
  documentation: 'https://luacheck.readthedocs.io/en/stable/inline.html',
  install: 'apt-get install lua-check',
  programs: ['luacheck'],
  languages: ['lua'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'warnings', 2: 'errors' },
  fails: { 3: 'files that could not be read' },
  silencers: silencers('lua', 'inside', [
    [
      'luacheck : ?(?:push )?\\w',
      'line',
      '-- luacheck: ignore 211',
      { family: 'other', alone: 'block', end: 'luacheck : ?pop' },
    ],
  ]),
  settings: { files: ['.luacheckrc'] },
  options: {
    selects: '-o --only --std',
    ignores: '-i --ignore --exclude-files',
    config: '--config',
    lowers: '-q -u --no-unused -r --no-redefined -g --no-global',
  },
};
