import { silencers, type Tool } from './define.ts';

export const codespell: Tool = {
  name: 'codespell',
  documentation: 'https://github.com/codespell-project/codespell#readme',
  install: 'pip install codespell',
  programs: ['codespell'],
  languages: [],
  scope: 'file',
  exits: { 0: 'nothing found', 65: 'findings' },
  fails: { 64: 'wrong arguments' },
  silencers: silencers(null, 'line', [['codespell : ignore', 'line', '# codespell:ignore hte']]),
  settings: {
    files: ['.codespellrc'],
    lists: ['.codespell*ignore*', '.codespellignore', 'codespell*.txt'],
    tables: { 'setup.cfg': ['codespell'], 'pyproject.toml': ['tool.codespell'] },
  },
  options: {
    ignores:
      '-L --ignore-words-list -I --ignore-words -S --skip -x --exclude-file --ignore-regex --ignore-multiline-regex --uri-ignore-words-list',
    config: '--config --toml',
    selects: '-D --dictionary --builtin',
  },
};
