import type { Tool } from './define.ts';

export const ctest: Tool = {
  name: 'ctest',
  documentation: 'https://cmake.org/cmake/help/latest/manual/ctest.1.html',
  install: 'apt-get install cmake',
  programs: ['ctest'],
  languages: ['c', 'cpp', 'c++'],
  exits: { 0: 'all passed', 8: 'failures' },
  settings: {
    files: ['CTestCustom.cmake', 'CTestConfig.cmake', 'CMakePresets.json', 'CMakeUserPresets.json'],
    builds: ['CMakeLists.txt', '*.cmake'],
  },
  options: {
    selects: '-R --tests-regex -L --label-regex -I --tests-information --preset -C --build-config',
    ignores: '-E --exclude-regex -LE --label-exclude -FA --fixture-exclude-any --tests-from-file --exclude-from-file',
    lowers: '--rerun-failed -N --show-only --repeat-until-fail',
  },
};
