import { silencers, type Tool } from './define.ts';

/** It obeys the comments of ESLint too. */
export const oxlint: Tool = {
  name: 'oxlint',
  documentation: 'https://oxc.rs/docs/guide/usage/linter/ignore-comments',
  install: 'npm install --save-dev oxlint',
  programs: ['oxlint'],
  languages: ['typescript'],
  scope: 'file',
  wider: /import/,
  exits: { 0: 'no errors', 1: 'errors, or it failed' },
  // https://oxc.rs/docs/guide/usage/linter/rules.html
  respells: [
    { own: /^eslint\(([a-z-]+)\)$/, ownAs: 'eslint($1)', of: 'eslint', theirs: /^([a-z-]+)$/, theirsAs: '$1' },
    {
      own: /^@?typescript-eslint\(([a-z-]+)\)$/,
      ownAs: 'typescript-eslint($1)',
      of: 'eslint',
      theirs: /^@typescript-eslint\/([a-z-]+)$/,
      theirsAs: '@typescript-eslint/$1',
    },
    {
      own: /^eslint-plugin-react\(([a-z-]+)\)$/,
      ownAs: 'eslint-plugin-react($1)',
      of: 'eslint',
      theirs: /^react\/([a-z-]+)$/,
      theirsAs: 'react/$1',
    },
  ],
  machine: { flag: '-f json', asked: /(-f|--format)[ =](json|sarif|junit|gitlab|checkstyle|stylish|unix)/ },
  silencers: silencers('javascript typescript vue json css', 'comment', [
    [
      'oxlint-disable(?!-(?:next-)?line)\\b',
      'block',
      '/* oxlint-disable no-var */',
      { family: 'eslint', end: '\\boxlint-enable\\b' },
    ],
    ['oxlint-disable-line\\b', 'line', '// oxlint-disable-line no-var', { family: 'eslint' }],
    ['oxlint-disable-next-line\\b', 'next', '// oxlint-disable-next-line no-var', { family: 'eslint' }],
  ]),
  obeys: ['eslint'],
  settings: {
    files: ['.oxlintrc.{json,jsonc}', 'oxlintrc.{json,jsonc}', 'oxlint.{json,jsonc}', 'oxlint.config.*'],
    lists: ['.eslintignore', '.oxlintignore', '.gitignore'],
  },
  options: {
    selects: '-D --deny -W --warn --tsconfig',
    ignores: '-A --allow --ignore-pattern --ignore-path --max-warnings',
    config: '-c --config',
    lowers: '--quiet --disable-nested-config --disable-unicorn-plugin --disable-oxc-plugin --disable-typescript-plugin',
  },
  narrowing: {
    start: 'oxlint',
    values: '-f --format',
    flags: '',
    reads: /\.(?:[cm]?[jt]s|[jt]sx|vue|svelte|astro)$/,
  },
  fix: { how: 'edits', counts: 'unknown' },
};
