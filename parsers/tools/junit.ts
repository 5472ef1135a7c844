import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const junit: Tool = {
  name: 'junit',
  documentation: 'https://github.com/testmoapp/junitxml#readme',
  install: 'a format: the tool that writes it',
  programs: [],
  languages: [],
};
