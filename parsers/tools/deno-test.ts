import type { Tool } from './define.ts';

export const denoTest: Tool = {
  name: 'deno-test',
  documentation: 'https://docs.deno.com/runtime/reference/cli/test/',
  install: 'https://docs.deno.com/runtime/getting_started/installation/',
  programs: ['deno test'],
  languages: ['typescript'],
  exits: { 0: 'all passed', 1: 'some failed, or it failed' },
  settings: { files: ['deno.{json,jsonc}'] },
  options: {
    selects: '--filter --ext',
    ignores: '--ignore',
    config: '-c --config',
    lowers: '--permit-no-files --no-check --no-config',
  },
};
