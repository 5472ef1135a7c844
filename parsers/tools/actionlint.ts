import { silencers, type Tool } from './define.ts';

export const actionlint: Tool = {
  name: 'actionlint',
  documentation: 'https://github.com/rhysd/actionlint/blob/main/docs/config.md',
  install: 'go install github.com/rhysd/actionlint/cmd/actionlint@latest',
  programs: ['actionlint'],
  languages: ['yaml'],
  scope: 'file',
  wider: /^(?:workflow-call|action)$/,
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'wrong arguments', 3: 'it failed' },
  silencers: silencers('yaml', 'inside', [['actionlint : ignore', 'line', '# actionlint: ignore']]),
  // It hands what a step runs to shellcheck.
  obeys: ['shellcheck'],
  settings: { files: ['.github/actionlint.{yml,yaml}', 'actionlint.{yml,yaml}'] },
  options: { ignores: '-ignore', config: '-config-file -shellcheck= -pyflakes=' },
};
