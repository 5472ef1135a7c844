import type { Tool } from './define.ts';

export const swiftpm: Tool = {
  name: 'swiftpm',
  documentation: 'https://docs.swift.org/swiftpm/documentation/packagemanagerdocs/',
  install: 'https://www.swift.org/install/',
  programs: ['swift package'],
  builds: true,
  languages: ['swift'],
  toldBy: ['swiftc'],
  exits: { 0: 'well', 1: 'errors' },
  settings: { builds: ['Package.swift'], files: ['.swiftpm/**'] },
};
