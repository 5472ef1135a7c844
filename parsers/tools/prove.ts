import type { Tool } from './define.ts';

/** Perl's runner of TAP. A test is silenced in its own code: `TODO` and `SKIP` blocks. */
export const prove: Tool = {
  name: 'prove',
  documentation: 'https://perldoc.perl.org/prove',
  install: 'it comes with Perl',
  programs: ['prove'],
  languages: ['perl'],
  exits: { 0: 'all passed', 1: 'some failed' },
  settings: { files: ['.proverc'] },
  options: { selects: '--ext --state', config: '--rc -P -M', lowers: '-Q -QQ --norc' },
};
