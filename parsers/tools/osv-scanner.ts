import type { Tool } from './define.ts';

export const osvScanner: Tool = {
  name: 'osv-scanner',
  documentation: 'https://google.github.io/osv-scanner/configuration/',
  install: 'go install github.com/google/osv-scanner/v2/cmd/osv-scanner@latest',
  programs: ['osv-scanner'],
  languages: [],
  exits: { 0: 'nothing found', 1: 'advisories' },
  fails: { 127: 'it failed', 128: 'no packages' },
  machine: { flag: '--format json', asked: /(-f|--format)[ =](json|sarif)|--json\b/ },
  settings: { files: ['osv-scanner*.toml', '.osv-scanner*.toml'], lists: ['.gitignore'] },
  options: {
    selects: '-L --lockfile --experimental-plugins --call-analysis --licenses',
    ignores: '--experimental-exclude --exclude --experimental-disable-plugins',
    config: '-c --config',
    lowers: '--skip-git --no-resolve --no-call-analysis --experimental-no-default-plugins',
  },
};
