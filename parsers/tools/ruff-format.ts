import type { Tool } from './define.ts';

export const ruffFormat: Tool = {
  name: 'ruff-format',
  documentation: 'https://docs.astral.sh/ruff/formatter/#format-suppression',
  install: 'pip install ruff',
  programs: ['ruff format'],
  languages: ['python'],
  scope: 'file',
  exits: { 0: 'all is formatted', 1: 'some is not' },
  fails: { 2: 'it failed' },
  obeys: ['black'],
  settings: {
    files: ['ruff.toml', '.ruff.toml', '.editorconfig'],
    lists: ['.gitignore', '.ignore'],
    tables: { 'pyproject.toml': ['tool.ruff'] },
  },
  options: {
    selects: '--line-length --target-version',
    ignores: '--exclude --extend-exclude',
    config: '--config --extension',
    lowers: '--isolated --force-exclude',
  },
};
