import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const tap: Tool = {
  name: 'tap',
  documentation: 'https://testanything.org/tap-version-14-specification.html',
  install: 'a format: the tool that writes it',
  programs: [],
  languages: [],
  exits: { '0-125': 'what the program says: mostly 0, 1 or the number of failures' },
  settings: { files: ['.taprc', '.proverc'], tables: { 'package.json': ['tap'] } },
};
