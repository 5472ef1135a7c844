import { silencers, type Tool } from './define.ts';

export const tflint: Tool = {
  name: 'tflint',
  documentation: 'https://github.com/terraform-linters/tflint/blob/master/docs/user-guide/config.md',
  install: 'the binary of a release (https://github.com/terraform-linters/tflint/releases)',
  programs: ['tflint'],
  languages: ['terraform'],
  scope: 'program',
  exits: { 0: 'nothing found', 2: 'findings' },
  fails: { 1: 'it failed' },
  silencers: silencers('terraform', 'comment', [
    ['tflint-ignore : ?', 'line', '# tflint-ignore: terraform_unused_declarations', { alone: 'next' }],
    ['tflint-ignore-file : ?', 'file', '# tflint-ignore-file: terraform_unused_declarations'],
  ]),
  settings: { files: ['.tflint.{hcl,json}', 'tflint.hcl'] },
  options: {
    selects: '--only --minimum-failure-severity',
    ignores: '--disable-rule --ignore-module',
    config: '-c --config',
    lowers: '--force',
  },
};
