import type { Tool } from './define.ts';

/** Nothing in the source silences the compiler. */
export const swiftc: Tool = {
  name: 'swiftc',
  documentation: 'https://docs.swift.org/compiler/documentation/diagnostics/',
  install: 'https://www.swift.org/install/',
  programs: ['swift build', 'swift test', 'swift run', 'swift package', 'swiftc', 'xcodebuild'],
  builds: true,
  languages: ['swift'],
  scope: 'program',
  exits: { 0: 'it built', 1: 'errors' },
  settings: { builds: ['Package.swift', '*.xcconfig', '*.pbxproj'] },
  options: { selects: '-c --configuration --target --product', config: '-Xswiftc', lowers: '-suppress-warnings' },
};
