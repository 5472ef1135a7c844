import { silencers, type Tool } from './define.ts';

export const ansibleLint: Tool = {
  name: 'ansible-lint',
  documentation: 'https://docs.ansible.com/projects/lint/configuring/',
  install: 'pip install ansible-lint',
  programs: ['ansible-lint'],
  languages: ['yaml'],
  scope: 'program',
  exits: { 0: 'nothing found', 2: 'findings' },
  silencers: silencers('yaml', 'inside', [
    ['# noqa\\b|ansible-lint : ?skip|\\bskip_ansible_lint\\b', 'line', '# noqa: yaml[line-length]'],
  ]),
  // It runs yamllint, too.
  obeys: ['yamllint'],
  settings: {
    files: [
      '.ansible-lint',
      '.ansible-lint.{yml,yaml}',
      '.config/ansible-lint.{yml,yaml}',
      '.yamllint',
      '.yamllint.{yml,yaml}',
    ],
    lists: ['.ansible-lint-ignore', '.config/ansible-lint-ignore.txt'],
  },
  options: {
    selects: '-t --tags --enable-list --profile',
    ignores: '-x --skip-list -w --warn-list --exclude -i --ignore-file',
    config: '-c --config-file',
    lowers: '--offline',
  },
};
