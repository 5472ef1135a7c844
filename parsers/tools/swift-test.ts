import type { Tool } from './define.ts';

export const swiftTest: Tool = {
  name: 'swift-test',
  documentation: 'https://docs.swift.org/swiftpm/documentation/packagemanagerdocs/swifttest',
  install: 'https://www.swift.org/install/',
  programs: ['swift test', 'xcodebuild'],
  languages: ['swift'],
  exits: { 0: 'all passed', 1: 'failures, or it did not build' },
  settings: { files: ['*.xctestplan', '.swiftpm/**'], builds: ['Package.swift'] },
  options: {
    selects: '--filter -c --configuration -only-testing -testPlan -scheme',
    ignores: '-s --skip -skip-testing',
  },
};
