import { silencers, type Tool } from './define.ts';

/** Comments count only with `--inline-suppr`: on the line, on the line before, and since 2.13 in blocks and files. */
export const cppcheck: Tool = {
  name: 'cppcheck',
  documentation: 'https://cppcheck.sourceforge.io/manual.html#suppressions',
  install: 'apt-get install cppcheck',
  version: '--version',
  programs: ['cppcheck'],
  languages: ['c', 'cpp', 'c++'],
  scope: 'program',
  exits: { 0: 'it ran, whatever it found', '1-125': 'findings, as --error-exitcode says, or it failed' },
  machine: { flag: '--xml', asked: /--xml\b|--output-format[ =](xml|sarif)|--template/ },
  silencers: silencers('c cpp', 'inside', [
    ['cppcheck-suppress\\b(?!-)', 'line', '// cppcheck-suppress nullPointer', { alone: 'next' }],
    [
      'cppcheck-suppress-begin\\b',
      'block',
      '// cppcheck-suppress-begin nullPointer',
      { end: '\\bcppcheck-suppress-end\\b' },
    ],
    ['cppcheck-suppress-(?:file|macro)\\b', 'file', '// cppcheck-suppress-file nullPointer'],
  ]),
  settings: {
    files: ['*.cppcheck', 'cppcheck*'],
    lists: ['.cppcheck*', '*suppressions*.{txt,xml}', 'cppcheck.suppress'],
    builds: ['CMakeLists.txt', '*.cmake', 'meson.build'],
  },
  options: {
    selects: '--enable --check-level --file-filter --severity',
    ignores: '--suppress --suppressions-list --suppress-xml --disable -i --exitcode-suppressions',
    config: '--project --library --rule-file --addon -D -U',
    lowers: '--inline-suppr -q --quiet --max-configs=1',
  },
};
