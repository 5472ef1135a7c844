import type { Tool } from './define.ts';

/** A format of several tools: it has no settings of its own. */
export const cyclonedx: Tool = {
  name: 'cyclonedx',
  documentation: 'https://cyclonedx.org/docs/latest/json/#vulnerabilities',
  install: 'a format: the tool that writes it',
  programs: [],
  languages: [],
  exits: { '0-125': 'what the program that wrote the document says' },
};
