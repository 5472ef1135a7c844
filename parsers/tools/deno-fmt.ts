import type { Tool } from './define.ts';

export const denoFmt: Tool = {
  name: 'deno-fmt',
  documentation: 'https://docs.deno.com/runtime/reference/cli/fmt/',
  install: 'https://docs.deno.com/runtime/getting_started/installation/',
  programs: ['deno fmt'],
  languages: ['typescript'],
  scope: 'file',
  exits: { 0: 'all is formatted', 1: 'some is not, or it failed' },
  obeys: ['deno'],
  settings: { files: ['deno.{json,jsonc}', '.editorconfig'] },
  options: {
    selects: '--ext --line-width --indent-width',
    ignores: '--ignore',
    config: '-c --config',
    lowers: '--no-config',
  },
};
