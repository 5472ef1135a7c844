import { silencers, type Tool } from './define.ts';

export const swiftformat: Tool = {
  name: 'swiftformat',
  documentation: 'https://github.com/nicklockwood/SwiftFormat#readme',
  install: 'https://github.com/nicklockwood/SwiftFormat#how-do-i-install-it',
  programs: ['swiftformat', 'swift-format', 'periphery', 'sourcery'],
  languages: ['swift'],
  scope: 'file',
  silencers: silencers('swift', 'inside', [
    [
      '(?:swiftformat : ?disable|periphery : ?ignore|sourcery : ?skip|swift-format-ignore)\\b',
      'block',
      '// swiftformat:disable all',
      { family: 'swift-misc', end: '\\bswiftformat : ?enable\\b' },
    ],
  ]),
  settings: { files: ['.swiftformat', '.swift-format', '.periphery.yml', '.sourcery.yml'] },
};
