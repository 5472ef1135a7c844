import type { Tool } from './define.ts';

/** What does not compile: nothing silences it. */
export const phpLint: Tool = {
  name: 'php-lint',
  documentation: 'https://www.php.net/manual/features.commandline.options.php',
  install: 'apt-get install php-cli',
  programs: ['php -l', 'parallel-lint'],
  languages: ['php'],
  scope: 'file',
  exits: { 0: 'it compiles', 255: 'errors' },
  settings: { files: ['php.ini', '.user.ini'] },
  options: { ignores: '--exclude', selects: '-e', config: '-c -d', lowers: '-n --ignore-fails' },
};
