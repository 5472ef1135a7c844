import type { Tool } from './define.ts';

/** What is read from an exit code when no tool is known. */
export const generic: Tool = {
  name: 'generic',
  documentation: 'https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02',
  install: 'nothing',
  programs: [],
  languages: [],
  exits: { 0: 'well' },
  fails: { 126: 'it could not be run', 127: 'there is no such program' },
};
