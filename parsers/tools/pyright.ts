import { silencers, type Tool } from './define.ts';

/** A comment may name rules in brackets; `# pyright: basic` and settings count for the file. */
export const pyright: Tool = {
  name: 'pyright',
  documentation: 'https://microsoft.github.io/pyright/#/comments',
  install: 'pip install pyright',
  programs: ['pyright', 'basedpyright'],
  languages: ['python'],
  scope: 'program',
  exits: { 0: 'no errors', 1: 'errors' },
  fails: { 2: 'it failed', 3: 'its configuration is wrong', 4: 'wrong arguments' },
  machine: { flag: '--outputjson', asked: /--outputjson/ },
  silencers: [
    ...silencers('python', 'inside', [['# pyright : ignore\\b', 'line', '# pyright: ignore[reportMissingImports]']]),
    ...silencers('python', 'comment', [['pyright : (?!ignore)[\\w-]{1,40}', 'file', '# pyright: basic']]),
  ],
  obeys: ['mypy'],
  settings: {
    files: ['pyrightconfig.json', 'pyrightconfig.*.json'],
    lists: ['.basedpyright/**'],
    tables: { 'pyproject.toml': ['tool.pyright', 'tool.basedpyright'] },
  },
  options: { selects: '--level --pythonversion --pythonplatform', config: '-p --project', lowers: '--skipunannotated' },
};
