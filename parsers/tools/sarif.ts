import type { Tool } from './define.ts';

/** A format of many tools: the findings carry the name of the tool that wrote it. */
export const sarif: Tool = {
  name: 'sarif',
  documentation: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html',
  install: 'a format: the tool that writes it',
  programs: [],
  languages: [],
};
