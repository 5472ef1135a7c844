import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const ctrf: Tool = {
  name: 'ctrf',
  documentation: 'https://ctrf.io/docs/specification/overview',
  install: 'a format: a reporter such as jest-ctrf-json-reporter',
  programs: [],
  languages: [],
};
