import { silencers, type Tool } from './define.ts';

/** A platform: the inspections of the JetBrains editors, and of Qodana. */
export const jetbrains: Tool = {
  name: 'jetbrains',
  documentation: 'https://www.jetbrains.com/help/idea/disabling-and-enabling-inspections.html',
  install: 'https://www.jetbrains.com/help/qodana/getting-started.html',
  programs: ['qodana', 'inspectcode', 'jb inspectcode'],
  languages: [],
  platform: true,
  silencers: [
    ...silencers(null, 'inside', [
      ['\\bnoinspection\\b', 'next', '// noinspection JSUnusedLocalSymbols', { alone: 'declaration' }],
    ]),
    ...silencers('csharp', 'inside', [
      [
        '\\bReSharper disable\\b[\\w ]{0,20}|StyleCop : ?disable',
        'line',
        '// ReSharper disable once UnusedMember',
        { family: 'resharper', alone: 'block', end: '\\bReSharper restore\\b' },
      ],
    ]),
  ],
  settings: {
    files: ['qodana.{yml,yaml}', '.idea/inspectionProfiles/**', '*.DotSettings'],
    lists: ['qodana*baseline*.json'],
  },
};
