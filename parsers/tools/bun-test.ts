import type { Tool } from './define.ts';

export const bunTest: Tool = {
  name: 'bun-test',
  documentation: 'https://bun.sh/docs/test/configuration',
  install: 'https://bun.sh/docs/installation',
  programs: ['bun test'],
  languages: ['typescript'],
  settings: { files: ['bunfig.toml'] },
  options: {
    selects: '-t --test-name-pattern',
    ignores: '--path-ignore-patterns',
    config: '-c --config --preload',
    lowers: '--only --bail',
  },
};
