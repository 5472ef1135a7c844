import type { Tool } from './define.ts';

export const grype: Tool = {
  name: 'grype',
  documentation: 'https://github.com/anchore/grype#specifying-matches-to-ignore',
  install: 'the binary of a release (https://github.com/anchore/grype/releases)',
  programs: ['grype'],
  languages: [],
  exits: { 0: 'it ran, whatever it found', 2: 'findings, with --fail-on' },
  fails: { 1: 'it failed' },
  machine: { flag: '-o json', asked: /(-o|--output)[ =](json|sarif|cyclonedx)/ },
  settings: { files: ['.grype.{yml,yaml}', 'grype.{yml,yaml}', '.grype/**'], lists: ['*.{vex,openvex}.json'] },
  options: {
    selects: '-f --fail-on --scope --platform',
    ignores: '--exclude --ignore-states --vex',
    config: '-c --config',
    lowers: '--only-fixed --only-notfixed',
  },
};
