import { silencers, type Tool } from './define.ts';

export const svelteCheck: Tool = {
  name: 'svelte-check',
  documentation: 'https://svelte.dev/docs/svelte/compiler-warnings',
  install: 'npm install --save-dev svelte-check',
  programs: ['svelte-check'],
  languages: ['typescript'],
  scope: 'program',
  silencers: silencers('javascript typescript vue json css markdown xml', 'comment', [
    ['svelte-ignore\\b', 'next', '<!-- svelte-ignore a11y_autofocus -->', { family: 'misc' }],
    ['(?:dprint-ignore|sonarjs|jsx-a11y-ignore)\\b', 'next', '// dprint-ignore', { family: 'misc' }],
  ]),
  settings: { files: ['svelte.config.*', 'dprint.{json,jsonc}', '.dprint.{json,jsonc}'] },
};
