import { silencers, type Tool } from './define.ts';

/** Without checks in brackets a comment silences all of them. */
export const clangTidy: Tool = {
  name: 'clang-tidy',
  documentation: 'https://clang.llvm.org/extra/clang-tidy/#suppressing-undesired-diagnostics',
  install: 'apt-get install clang-tidy',
  programs: ['clang-tidy', 'run-clang-tidy', 'run-clang-tidy.py'],
  languages: ['c', 'cpp', 'c++'],
  scope: 'program',
  exits: { 0: 'no errors', 1: 'errors, or it failed' },
  // https://clang.llvm.org/extra/clang-tidy/#using-clang-tidy
  respells: [
    {
      own: /^clang-diagnostic-([a-z][\w+=-]*)$/,
      ownAs: 'clang-diagnostic-$1',
      of: 'clang',
      theirs: /^-W([a-z][\w+=-]*)$/,
      theirsAs: '-W$1',
    },
  ],
  silencers: silencers('c cpp', 'line', [
    ['\\bNOLINT\\b', 'line', '// NOLINT(bugprone-use-after-move)'],
    ['\\bNOLINTNEXTLINE\\b', 'next', '// NOLINTNEXTLINE(bugprone-use-after-move)'],
    ['\\bNOLINTBEGIN\\b', 'block', '// NOLINTBEGIN(bugprone-*)', { end: '\\bNOLINTEND\\b' }],
  ]),
  obeys: ['gcc'],
  settings: { files: ['.clang-tidy', '.clangd'], builds: ['CMakeLists.txt', '*.cmake', 'meson.build'] },
  options: {
    selects: '-checks --checks -header-filter --header-filter -line-filter --line-filter',
    ignores: '-exclude-header-filter --exclude-header-filter',
    config: '-config --config -config-file --config-file -p',
    lowers: '-quiet --quiet',
  },
};
