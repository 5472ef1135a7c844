import { silencers, type Tool } from './define.ts';

/** `@ts-expect-error` counts for the next line, `@ts-nocheck` at the top for the file. */
export const tsc: Tool = {
  name: 'tsc',
  documentation: 'https://www.typescriptlang.org/docs/handbook/intro-to-js-ts.html#ts-check',
  install: 'npm install --save-dev typescript',
  programs: ['tsc', 'vue-tsc', 'tsgo'],
  languages: ['typescript'],
  scope: 'program',
  exits: { 0: 'no errors', 1: 'errors; nothing was written', 2: 'errors' },
  machine: { flag: '--pretty false', asked: /--pretty[ =]false/, of: ['tsc', 'vue-tsc', 'tsgo'] },
  silencers: [
    ...silencers('javascript typescript vue json css', 'comment', [
      ['@ts-(?:ignore|expect-error)\\b', 'next', '// @ts-ignore', { family: 'ts' }],
      ['@ts-nocheck\\b', 'file', '// @ts-nocheck', { family: 'ts' }],
    ]),
    // What vue-tsc reads in a template counts for the element that follows.
    ...silencers('vue', 'comment', [
      ['@vue-(?:ignore|expect-error|skip)\\b', 'declaration', '<!-- @vue-ignore -->', { family: 'ts' }],
      ['@vue-nocheck\\b', 'file', '<!-- @vue-nocheck -->', { family: 'ts' }],
    ]),
    ...silencers('typescript vue', 'code', [
      ['\\bas\\s{1,20}(?:any|never)\\b', 'line', 'f(x as any);', { family: 'any' }],
      ['\\bas\\s{1,20}unknown\\s{1,20}as\\b', 'line', 'f(x as unknown as T);', { family: 'any' }],
      ['< any >', 'line', 'f(<any>x);', { family: 'any' }],
      [': any\\b', 'line', 'const x: any = y;', { family: 'any' }],
    ]),
  ],
  settings: { files: ['tsconfig*.json', 'jsconfig*.json'] },
  options: {
    selects: '--target --lib --types --module --moduleResolution',
    ignores: '--excludeFiles --excludeDirectories',
    config: '-p --project -b --build',
    lowers: '--skipLibCheck --noCheck --noResolve --allowJs --isolatedModules --ignoreDeprecations --strict=false',
  },
};
