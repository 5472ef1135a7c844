import { silencers, type Tool } from './define.ts';

export const dart: Tool = {
  name: 'dart',
  documentation: 'https://dart.dev/tools/analysis',
  install: 'https://dart.dev/get-dart',
  programs: ['dart analyze', 'flutter analyze'],
  languages: ['dart'],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'information only', 2: 'warnings', 3: 'errors' },
  machine: { flag: '--format=machine', asked: /--format[ =](machine|json)/ },
  silencers: silencers('dart', 'comment', [
    ['ignore :', 'line', '// ignore: unused_import', { alone: 'next' }],
    ['ignore_for_file :', 'file', '// ignore_for_file: unused_import'],
  ]),
  settings: { files: ['analysis_options.{yaml,yml}', 'analysis_options*.yaml'] },
  options: { selects: '--fatal-infos', lowers: '--no-fatal-warnings' },
};
