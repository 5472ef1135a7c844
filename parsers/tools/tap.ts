import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const tap: Tool = {
  name: 'tap',
  documentation: 'https://testanything.org/tap-version-14-specification.html',
  install: 'a format: the tool that writes it',
  programs: [],
  languages: [],
  settings: { files: ['.taprc', '.proverc'], tables: { 'package.json': ['tap'] } },
};
