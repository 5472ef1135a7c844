import type { Tool } from './define.ts';

export const valgrind: Tool = {
  name: 'valgrind',
  documentation: 'https://valgrind.org/docs/manual/manual-core.html#manual-core.suppress',
  install: 'apt-get install valgrind',
  programs: ['valgrind'],
  languages: ['c', 'cpp', 'c++'],
  exits: { '0-255': 'what the program said, or --error-exitcode' },
  settings: { files: ['.valgrindrc'], lists: ['*.supp', 'valgrind*.{txt,suppressions}'] },
  options: {
    selects: '--tool --leak-check --show-leak-kinds --errors-for-leak-kinds --trace-children',
    ignores: '--suppressions --trace-children-skip',
    lowers: '--undef-value-errors=no --leak-check=no',
  },
};
