import { silencers, type Tool } from './define.ts';

/** `//lint:ignore checks reason` counts for the line or declaration that it stands at. */
export const staticcheck: Tool = {
  name: 'staticcheck',
  documentation: 'https://staticcheck.dev/docs/configuration/#ignoring-problems',
  install: 'go install honnef.co/go/tools/cmd/staticcheck@latest',
  programs: ['staticcheck'],
  languages: ['go'],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'findings, or it failed' },
  machine: { flag: '-f json', asked: /-f[ =](json|sarif|text|stylish)/ },
  silencers: silencers('go', 'comment', [
    ['lint : ignore\\b', 'line', '//lint:ignore SA1019 old', { family: 'lint-ignore', alone: 'next' }],
    ['lint : file-ignore\\b', 'file', '//lint:file-ignore SA1019 old', { family: 'lint-ignore' }],
  ]),
  settings: { files: ['staticcheck.conf'] },
  options: { selects: '-checks -tags -go', lowers: '-tests=false -matrix', ignores: '-fail' },
};
