import { silencers, type Tool } from './define.ts';

export const pyre: Tool = {
  name: 'pyre',
  documentation: 'https://pyre-check.org/docs/error-suppression/',
  install: 'pip install pyre-check',
  programs: ['pyre'],
  languages: ['python'],
  scope: 'program',
  silencers: [
    ...silencers('python', 'inside', [['# pyre-(?:ignore|fixme)\\b', 'line', '# pyre-ignore[9]', { alone: 'next' }]]),
    ...silencers('python', 'comment', [
      ['pyre-(?:unsafe|ignore-all-errors)', 'file', '# pyre-ignore-all-errors'],
      [
        'pytype : (?:disable|skip-file)',
        'block',
        '# pytype: disable=attribute-error',
        { family: 'pytype', end: '\\bpytype : enable' },
      ],
    ]),
  ],
  settings: {
    files: ['.pyre_configuration*', 'pyre_configuration', 'pytype.{cfg,toml}'],
    tables: { 'pyproject.toml': ['tool.pytype'], 'setup.cfg': ['pytype'] },
  },
};
