import type { Tool } from './define.ts';

export const cargoAudit: Tool = {
  name: 'cargo-audit',
  documentation: 'https://github.com/rustsec/rustsec/tree/main/cargo-audit#readme',
  install: 'cargo install cargo-audit',
  programs: ['cargo audit', 'cargo-audit'],
  languages: ['rust'],
  exits: { 0: 'nothing found', 1: 'advisories' },
  machine: { flag: '--json', asked: /--json|--format[ =]json/ },
  settings: { files: ['audit.toml', '.cargo/audit.toml'] },
  locks: ['Cargo.lock'],
  options: { ignores: '--ignore --ignore-source', selects: '--target-arch --target-os', lowers: '--stale' },
};
