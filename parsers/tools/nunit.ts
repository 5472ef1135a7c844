import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const nunit: Tool = {
  name: 'nunit',
  documentation: 'https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html',
  install: 'a format: NUnit, and other runners that write it',
  programs: [],
  languages: [],
  exits: { 0: 'all passed', '1-100': 'failures; their number, 100 at most' },
};
