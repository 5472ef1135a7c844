import { silencers, type Tool } from './define.ts';

/** `/* eslint rule: off *\/` and `eslint-disable` count from there on, `-next-line` and `-line` where they say. */
export const eslint: Tool = {
  name: 'eslint',
  documentation: 'https://eslint.org/docs/latest/use/configure/rules#disabling-rules',
  install: 'npm install --save-dev eslint',
  version: '--version',
  programs: ['eslint'],
  languages: ['typescript'],
  scope: 'file',
  wider: /\//,
  exits: { 0: 'no errors', 1: 'errors' },
  fails: { 2: 'it failed' },
  machine: { flag: '-f json', asked: /(-f|--format)[ =](json|stylish|sarif)/ },
  silencers: silencers('javascript typescript vue json css markdown xml', 'comment', [
    ['eslint-disable(?!-(?:next-)?line)\\b', 'block', '/* eslint-disable no-var */', { end: '\\beslint-enable\\b' }],
    ['eslint-disable-line\\b', 'line', '// eslint-disable-line no-var'],
    ['eslint-disable-next-line\\b', 'next', '// eslint-disable-next-line no-var'],
    [
      'eslint(?:-env)?\\s{1,20}[\\w@"/-]{1,80} ?[:,*]',
      'file',
      '/* eslint no-var: "off" */',
      { family: 'eslint-inline' },
    ],
    ['eslint-env\\s', 'file', '/* eslint-env mocha */', { family: 'eslint-inline' }],
    ['(?:globals?|exported)\\s{1,20}\\w', 'file', '/* global window */', { family: 'eslint-globals' }],
  ]),
  settings: {
    files: ['eslint.config.*', '.eslintrc*'],
    lists: ['.eslintignore', 'eslint-suppressions.json', '.eslint-bulk-suppressions.json', '.betterer.results'],
    tables: { 'package.json': ['eslintConfig', 'eslintIgnore', 'xo', 'standard', 'semistandard'] },
  },
  options: {
    selects: '--rule --ext',
    ignores: '--ignore-pattern --ignore-path --max-warnings --suppressions-location',
    config: '-c --config --rulesdir --resolve-plugins-relative-to',
    lowers: '--quiet --no-eslintrc --no-config-lookup --suppress-all --no-error-on-unmatched-pattern',
  },
  narrowing: {
    start: 'eslint',
    values: '-f --format --cache-location --plugin --env --parser --parser-options --flag',
    flags: '--cache --no-cache --color --no-color --report-unused-disable-directives --no-warn-ignored',
    reads: /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/,
  },
  fix: { how: 'edits', counts: 'utf16', apart: true },
};
