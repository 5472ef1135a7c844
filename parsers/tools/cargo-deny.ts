import type { Tool } from './define.ts';

export const cargoDeny: Tool = {
  name: 'cargo-deny',
  documentation: 'https://embarkstudios.github.io/cargo-deny/checks/cfg.html',
  install: 'cargo install cargo-deny',
  programs: ['cargo deny', 'cargo-deny'],
  languages: ['rust'],
  exits: { 0: 'no errors', '1-15': 'errors: a sum of 1 for advisories, 2 for bans, 4 for licenses, 8 for sources' },
  machine: { flag: '--format json', asked: /(-f|--format)[ =](json|sarif)/ },
  settings: {
    files: ['deny.toml', '.deny.toml', 'deny.exceptions.toml', '.deny.exceptions.toml', '.cargo/deny.toml'],
  },
  locks: ['Cargo.lock'],
  options: {
    ignores: '--exclude -A --allow',
    selects: '-t --target --features',
    config: '-c --config',
    lowers: '--exclude-dev --exclude-unpublished --no-default-features',
  },
};
