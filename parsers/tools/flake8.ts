import { silencers, type Tool } from './define.ts';

/** `# noqa` counts on its line, with codes or prefixes of codes; `# flake8: noqa` alone on a line for the whole file. */
export const flake8: Tool = {
  name: 'flake8',
  documentation: 'https://flake8.pycqa.org/en/latest/user/violations.html',
  install: 'pip install flake8',
  version: '--version',
  programs: ['flake8', 'pycodestyle', 'pflake8'],
  languages: ['python'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings, or it failed' },
  silencers: [
    ...silencers('python toml yaml', 'line', [['# noqa\\b', 'line', '# noqa: F401', { family: 'noqa' }]]),
    ...silencers('python', 'comment', [['flake8 : noqa\\b', 'file', '# flake8: noqa', { family: 'noqa' }]]),
  ],
  settings: {
    files: ['.flake8'],
    tables: {
      'setup.cfg': ['flake8', 'pycodestyle', 'pep8'],
      'tox.ini': ['flake8', 'pycodestyle', 'pep8'],
      // Only with the plug-in Flake8-pyproject, or as pflake8.
      'pyproject.toml': ['tool.flake8'],
    },
  },
  options: {
    selects: '--select --extend-select --enable-extensions --filename',
    ignores: '--ignore --extend-ignore --exclude --extend-exclude --per-file-ignores',
    config: '--config --append-config',
    lowers: '--isolated --exit-zero',
  },
  narrowing: {
    start: 'flake8',
    values: '--format -j --jobs --max-line-length --max-complexity --max-doc-length',
    flags: '-q --quiet -v --verbose --show-source --statistics --count',
    reads: /\.pyi?$/,
  },
};
