import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const xunit: Tool = {
  name: 'xunit',
  documentation: 'https://xunit.net/docs/format-xml-v2',
  install: 'a format: xUnit.net',
  programs: [],
  languages: [],
};
