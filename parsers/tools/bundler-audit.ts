import type { Tool } from './define.ts';

export const bundlerAudit: Tool = {
  name: 'bundler-audit',
  documentation: 'https://github.com/rubysec/bundler-audit#readme',
  install: 'gem install bundler-audit',
  programs: ['bundle-audit', 'bundler-audit', 'bundle audit'],
  languages: ['ruby'],
  exits: { 0: 'nothing found', 1: 'advisories, or it failed' },
  machine: { flag: '--format json', asked: /(-F|--format)[ =]json/ },
  settings: { files: ['.bundler-audit.{yml,yaml}', 'bundler-audit.{yml,yaml}'] },
  locks: ['Gemfile.lock', 'gems.locked'],
  options: { ignores: '-i --ignore -e --exclude', config: '-c --config' },
};
