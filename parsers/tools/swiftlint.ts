import { silencers, type Tool } from './define.ts';

export const swiftlint: Tool = {
  name: 'swiftlint',
  documentation: 'https://realm.github.io/SwiftLint/',
  install: 'https://github.com/realm/SwiftLint#installation',
  programs: ['swiftlint'],
  languages: ['swift'],
  scope: 'file',
  wider: /^(?:unused_declaration|unused_import|capture_variable|explicit_self|typesafe_array_init)$/,
  exits: { 0: 'no errors', 2: 'errors, or wrong arguments' },
  machine: { flag: '--reporter json', asked: /--reporter[ =](json|checkstyle|sarif|junit|csv|xcode)/ },
  silencers: silencers('swift', 'inside', [
    ['swiftlint : disable : (?:this|previous)\\b', 'line', '// swiftlint:disable:this force_cast', { alone: 'line' }],
    ['swiftlint : disable : next\\b', 'next', '// swiftlint:disable:next force_cast'],
    [
      'swiftlint : disable\\b(?!\\s{0,20}:)',
      'block',
      '// swiftlint:disable force_cast',
      { end: '\\bswiftlint : enable\\b' },
    ],
  ]),
  settings: {
    files: ['.swiftlint.{yml,yaml}', '.swiftlint*.{yml,yaml}', 'swiftlint*.{yml,yaml}'],
    lists: ['swiftlint*baseline*.json'],
  },
  options: {
    selects: '--only-rule --enable-all-rules',
    ignores: '--baseline --disable-rule',
    config: '--config',
    lowers: '--lenient --force-exclude --quiet',
  },
};
