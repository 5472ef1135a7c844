import { silencers, type Tool } from './define.ts';

/** `# noqa` as flake8 has it, and its own words: `ignore` on the line or the one before, `disable` to `enable`, and files. */
export const ruff: Tool = {
  name: 'ruff',
  documentation: 'https://docs.astral.sh/ruff/linter/#error-suppression',
  install: 'pip install ruff',
  version: '--version',
  programs: ['ruff'],
  languages: ['python'],
  scope: 'file',
  wider: /^(?:I0|INP|TC|TID)/,
  toldBy: ['ruff-format'],
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'it failed' },
  sharesRules: ['flake8', 'pyflakes', 'pycodestyle'],
  // https://docs.astral.sh/ruff/rules/#pylint-pl and https://docs.astral.sh/ruff/rules/#flake8-bandit-s
  respells: [
    { own: /^PL([CERW]\d{4})$/, ownAs: 'PL$1', of: 'pylint', theirs: /^([CERW]\d{4})$/, theirsAs: '$1' },
    { own: /^S(\d{3})$/, ownAs: 'S$1', of: 'bandit', theirs: /^B(\d{3})$/, theirsAs: 'B$1' },
  ],
  machine: { flag: '--output-format=json', asked: /--output-format/, of: ['ruff check'] },
  silencers: [
    ...silencers('python', 'inside', [
      ['# ruff : ignore\\b', 'line', '# ruff: ignore[F401]', { family: 'noqa', alone: 'declaration' }],
    ]),
    ...silencers('python', 'comment', [
      ['ruff : (?:noqa|file-ignore)\\b', 'file', '# ruff: noqa: F401', { family: 'noqa' }],
      ['ruff : disable\\b', 'block', '# ruff: disable[F401]', { family: 'noqa', end: '\\bruff : enable\\b' }],
    ]),
  ],
  obeys: ['flake8', 'isort'],
  settings: {
    files: ['ruff.toml', '.ruff.toml'],
    lists: ['.gitignore', '.ignore'],
    tables: { 'pyproject.toml': ['tool.ruff'] },
  },
  options: {
    selects: '--select --extend-select',
    ignores: '--ignore --extend-ignore --exclude --extend-exclude --per-file-ignores --extend-per-file-ignores',
    config: '--config --extension',
    lowers: '--isolated --exit-zero --force-exclude',
  },
  narrowing: {
    start: 'ruff check',
    values: '--output-format --target-version --line-length',
    flags: '-q --quiet --no-cache --preview --no-fix',
    reads: /\.pyi?$/,
  },
  fix: { how: 'edits', counts: 'characters' },
};
