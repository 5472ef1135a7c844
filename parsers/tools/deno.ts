import { silencers, type Tool } from './define.ts';

export const deno: Tool = {
  name: 'deno',
  documentation: 'https://docs.deno.com/runtime/reference/cli/lint/',
  install: 'https://docs.deno.com/runtime/getting_started/installation/',
  programs: ['deno lint'],
  languages: ['typescript'],
  scope: 'file',
  wider: /^(?:no-unused-exports)$/,
  silencers: silencers('javascript typescript vue json css markdown yaml', 'comment', [
    ['deno-(?:lint|fmt|coverage)-ignore(?!-(?:file|start))', 'next', '// deno-lint-ignore no-var'],
    ['deno-(?:lint|fmt|coverage)-ignore-file', 'file', '// deno-lint-ignore-file'],
    [
      'deno-(?:coverage)-ignore-start',
      'block',
      '// deno-coverage-ignore-start',
      { end: '\\bdeno-coverage-ignore-stop' },
    ],
  ]),
  settings: { files: ['deno.{json,jsonc}'] },
  options: {
    selects: '--rules-tags --rules-include --filter',
    ignores: '--rules-exclude --ignore',
    config: '-c --config',
  },
};
