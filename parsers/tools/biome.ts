import { silencers, type Tool } from './define.ts';

/** Without `-all` or `-start` a comment counts for what follows it. */
export const biome: Tool = {
  name: 'biome',
  documentation: 'https://biomejs.dev/linter/#ignore-code',
  install: 'npm install --save-dev @biomejs/biome',
  programs: ['biome'],
  languages: ['typescript'],
  scope: 'file',
  wider:
    /\/(?:noImportCycles|noPrivateImports|noUndeclaredDependencies|noUnresolvedImports|noUnusedDependencies|noFloatingPromises|noMisusedPromises)$/,
  exits: { 0: 'no errors', 1: 'errors, or it failed' },
  machine: { flag: '--reporter=json', asked: /--reporter[ =](json|sarif|github|junit|gitlab)/ },
  silencers: silencers('javascript typescript vue json css', 'comment', [
    ['(?:biome|rome)-ignore\\b(?!-)', 'next', '// biome-ignore lint/style/noVar: old', { alone: 'declaration' }],
    ['biome-ignore-start\\b', 'block', '// biome-ignore-start lint: generated', { end: '\\bbiome-ignore-end\\b' }],
    ['biome-ignore-all\\b', 'file', '// biome-ignore-all lint: generated'],
  ]),
  settings: { files: ['biome.{json,jsonc}', '.biome.{json,jsonc}'], lists: ['.gitignore', '.biomeignore'] },
  options: {
    selects: '--only --diagnostic-level',
    ignores: '--skip',
    config: '--config-path',
    lowers: '--no-errors-on-unmatched',
  },
  narrowing: {
    start: 'biome check',
    values: '--reporter --max-diagnostics --colors --log-level',
    flags: '--error-on-warnings --verbose',
    reads: /\.(?:[cm]?[jt]s|[jt]sx|jsonc?|css|graphql|vue|svelte|astro)$/,
  },
  fix: { how: 'edits', counts: 'unknown' },
};
