import type { Tool } from './define.ts';

export const clippy: Tool = {
  name: 'clippy',
  documentation: 'https://doc.rust-lang.org/clippy/configuration.html',
  install: 'rustup component add clippy',
  programs: ['cargo clippy'],
  languages: ['rust'],
  scope: 'program',
  exits: { 0: 'no errors', 101: 'errors' },
  sharesRules: ['rustc'],
  machine: { flag: '--message-format=json', asked: /--message-format[ =]json/ },
  obeys: ['rustc'],
  settings: {
    files: ['clippy.toml', '.clippy.toml', '.cargo/config.toml', '.cargo/config', 'rust-toolchain*'],
    tables: { 'Cargo.toml': ['lints', 'workspace.lints', 'package.metadata.clippy', 'features'] },
  },
  options: {
    selects: '-p --package --features --target',
    ignores: '-A --allow --cap-lints --exclude',
    lowers: '--no-deps --lib --bins --no-default-features',
  },
  fix: { how: 'edits', counts: 'characters' },
};
