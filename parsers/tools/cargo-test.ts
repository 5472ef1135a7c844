import type { Tool } from './define.ts';

export const cargoTest: Tool = {
  name: 'cargo-test',
  documentation: 'https://doc.rust-lang.org/cargo/commands/cargo-test.html',
  install: 'the Rust toolchain (rustup)',
  programs: ['cargo test'],
  languages: ['rust'],
  exits: { 0: 'all passed', 101: 'failures, or it did not build' },
  settings: {
    files: ['.cargo/config.toml', '.cargo/config', 'rust-toolchain*'],
    tables: { 'Cargo.toml': ['test', 'profile', 'features', 'lib', 'bin', 'workspace.exclude', 'workspace.members'] },
  },
  options: {
    selects: '-p --package --features --target --test --bin --example --bench',
    ignores: '--exclude --skip',
    lowers: '--no-run --lib --bins --examples --doc --tests --no-default-features --ignored',
  },
};
