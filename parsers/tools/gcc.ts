import { silencers, type Tool } from './define.ts';

/** gcc and clang. A pragma counts from its line on, until `diagnostic pop`. */
export const gcc: Tool = {
  name: 'gcc',
  documentation: 'https://gcc.gnu.org/onlinedocs/gcc/Diagnostic-Pragmas.html',
  install: 'apt-get install build-essential',
  programs: ['gcc', 'g++', 'cc', 'c++', 'clang', 'clang++'],
  builds: true,
  languages: ['c', 'cpp', 'c++'],
  scope: 'program',
  exits: { 0: 'no errors', 1: 'errors' },
  silencers: silencers('c cpp', 'code', [
    [
      '# pragma (?:GCC|clang) diagnostic (?:ignored|warning)\\b',
      'block',
      '#pragma GCC diagnostic ignored "-Wunused"',
      { family: 'diagnostic', end: '# ?pragma (?:GCC|clang) diagnostic pop\\b|# ?pragma warning \\( pop' },
    ],
    [
      '# pragma warning \\( (?:push , )?(?:disable|suppress|once)',
      'block',
      '#pragma warning(disable: 4996)',
      { family: 'diagnostic', end: '# ?pragma (?:GCC|clang) diagnostic pop\\b|# ?pragma warning \\( (?:pop|default)' },
    ],
    ['# pragma (?:GCC|clang) system_header', 'file', '#pragma GCC system_header', { family: 'diagnostic' }],
    ['\\b_Pragma \\(', 'block', '_Pragma("GCC diagnostic ignored \\"-Wunused\\"")', { family: 'diagnostic' }],
    [
      '\\b__attribute__ \\( \\( _{0,2}unused|\\[\\[ (?:(?:clang|gnu) :: (?:__)?unused|maybe_unused)\\b',
      'declaration',
      'int spare __attribute__((unused));',
      { family: 'diagnostic' },
    ],
    [
      '\\[\\[ (?:gsl|clang|gnu) :: (?:suppress|no_sanitize)|\\bno_sanitize\\w{0,20}\\b',
      'declaration',
      '[[gsl::suppress("type")]]',
      { family: 'sanitize' },
    ],
  ]),
  settings: {
    files: ['compile_flags.txt'],
    builds: [
      'CMakeLists.txt',
      'CMakePresets.json',
      '*.cmake',
      'meson.build',
      'Makefile*',
      '*.mk',
      'configure.ac',
      'Makefile.am',
      'meson_options.txt',
      'meson.options',
      'CMakeCache.txt',
      'GNUmakefile',
      'SConstruct',
      'config.site',
      '.bazelrc',
      '*.{pro,pri}',
      '.env*',
      '*.env',
    ],
  },
};
