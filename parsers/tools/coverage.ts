import { silencers, type Tool } from './define.ts';

/** Coverage of Python. */
export const coverage: Tool = {
  name: 'coverage',
  documentation: 'https://coverage.readthedocs.io/en/latest/config.html',
  install: 'pip install coverage',
  programs: ['coverage'],
  languages: ['python'],
  silencers: silencers('python', 'inside', [
    ['# pragma : no (?:cover|branch)', 'line', '# pragma: no cover', { family: 'pycov' }],
    ['# doctest : \\+ ?skip', 'line', '# doctest: +SKIP', { family: 'doctest' }],
  ]),
  settings: {
    files: ['.coveragerc*'],
    tables: { 'pyproject.toml': ['tool.coverage'], 'setup.cfg': ['coverage:*'], 'tox.ini': ['coverage:*'] },
  },
};
