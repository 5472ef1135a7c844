import { silencers, type Tool } from './define.ts';

export const perlcritic: Tool = {
  name: 'perlcritic',
  documentation: 'https://metacpan.org/pod/perlcritic#BENDING-THE-RULES',
  install: 'apt-get install libperl-critic-perl',
  programs: ['perlcritic'],
  languages: ['perl'],
  scope: 'file',
  exits: { 0: 'nothing found', 2: 'findings' },
  fails: { 1: 'it failed' },
  silencers: silencers('perl', 'inside', [
    [
      'no critic\\b',
      'line',
      '## no critic (ProhibitStringyEval)',
      { family: 'other', alone: 'block', end: 'use critic\\b' },
    ],
  ]),
  settings: { files: ['.perlcriticrc', 'perlcriticrc', '.perltidyrc'] },
  options: {
    selects: '--severity --include --single-policy --theme',
    ignores: '--exclude',
    config: '-p --profile',
    lowers: '--gentle',
  },
};
