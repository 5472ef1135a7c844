import { silencers, type Tool } from './define.ts';

/** `# type: ignore` counts on its line, alone at the top for the file; `# mypy:` lines set its options for the file. */
export const mypy: Tool = {
  name: 'mypy',
  documentation:
    'https://mypy.readthedocs.io/en/stable/common_issues.html#spurious-errors-and-locally-silencing-the-checker',
  install: 'pip install mypy',
  version: '--version',
  programs: ['mypy', 'dmypy'],
  languages: ['python'],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'it failed' },
  machine: { flag: '--output=json', asked: /(-O|--output)[ =]json/ },
  silencers: [
    ...silencers('python', 'inside', [
      ['# type : ignore\\b', 'line', '# type: ignore[arg-type]', { family: 'type-ignore', alone: 'file' }],
    ]),
    ...silencers('python', 'comment', [['mypy : [\\w-]{1,40}', 'file', '# mypy: ignore-errors']]),
    ...silencers('python', 'code', [
      ['@ (?:typing \\. )?no_type_check', 'declaration', '@no_type_check', { family: 'no-type-check' }],
      ['\\bcast \\( (?:typing \\. )?Any\\b', 'line', 'x = cast(Any, x)', { family: 'python-any' }],
    ]),
  ],
  obeys: ['pyright', 'pyre'],
  settings: {
    files: ['mypy.ini', '.mypy.ini'],
    lists: ['mypy-baseline.txt'],
    tables: { 'pyproject.toml': ['tool.mypy'], 'setup.cfg': ['mypy', 'mypy-*'], 'tox.ini': ['mypy'] },
  },
  options: {
    selects: '--enable-error-code --follow-imports',
    ignores: '--disable-error-code --exclude --untyped-calls-exclude',
    config: '--config-file',
    lowers:
      '--ignore-missing-imports --allow-untyped-defs --allow-untyped-calls --no-strict-optional --no-site-packages --exclude-gitignore --allow-any-generics --allow-redefinition --implicit-reexport',
  },
  narrowing: {
    start: 'mypy',
    values: '-O --output --cache-dir --python-version --platform',
    flags:
      '--strict --no-error-summary --show-column-numbers --show-error-codes --no-color-output --explicit-package-bases --namespace-packages --check-untyped-defs --install-types --non-interactive',
    reads: /\.pyi?$/,
    wholeFolder: false,
  },
};
