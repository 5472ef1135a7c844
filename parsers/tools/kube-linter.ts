import { silencers, type Tool } from './define.ts';

export const kubeLinter: Tool = {
  name: 'kube-linter',
  documentation: 'https://docs.kubelinter.io/#/configuring-kubelinter',
  install: 'go install golang.stackrox.io/kube-linter/cmd/kube-linter@latest',
  programs: ['kube-linter'],
  languages: ['yaml'],
  silencers: silencers('yaml', 'line', [
    [
      '(?:kube-linter : ignore|kube-score/ignore|ignore-check\\.kube-linter\\.io/)',
      'declaration',
      'ignore-check.kube-linter.io/run-as-non-root: "x"',
    ],
  ]),
  settings: { files: ['.kube-linter.{yml,yaml}'] },
  options: { selects: '--include --do-not-auto-add-defaults', ignores: '--exclude --ignore-paths', config: '--config' },
};
