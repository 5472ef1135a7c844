import type { Tool } from './define.ts';

export const minitest: Tool = {
  name: 'minitest',
  documentation: 'https://docs.seattlerb.org/minitest/',
  install: 'gem install minitest',
  programs: ['rake test', 'rails test'],
  languages: ['ruby'],
  exits: { 0: 'all passed', 1: 'failures' },
  settings: { files: ['.minitest*', '.simplecov'], builds: ['Rakefile', '*.rake'] },
  options: { selects: '-n --name -i --include', ignores: '-e -x --exclude', lowers: '--skip' },
};
