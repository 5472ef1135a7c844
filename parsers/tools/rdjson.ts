import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const rdjson: Tool = {
  name: 'rdjson',
  documentation: 'https://github.com/reviewdog/reviewdog/tree/master/proto/rdf',
  install: 'a format: a linter that writes it',
  programs: [],
  languages: [],
};
