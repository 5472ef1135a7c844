import { silencers, type Tool } from './define.ts';

export const knip: Tool = {
  name: 'knip',
  documentation: 'https://knip.dev/reference/configuration',
  install: 'npm install --save-dev knip',
  programs: ['knip'],
  languages: ['typescript'],
  scope: 'program',
  silencers: silencers('javascript typescript vue json css', 'inside', [
    // `@public` and `@internal` keep an export out of the report; the others are asked for by its settings.
    ['@(?:knipignore|public|internal|alias)\\b', 'next', '/** @knipignore */'],
  ]),
  settings: {
    files: ['knip.{json,jsonc,ts,js}', '.knip.{json,jsonc}', 'knip.config*'],
    tables: { 'package.json': ['knip'] },
  },
  options: {
    selects: '--include -W --workspace',
    ignores: '--exclude',
    config: '-c --config',
    lowers: '--production --strict --no-exit-code',
  },
};
