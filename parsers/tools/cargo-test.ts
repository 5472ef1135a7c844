import type { Tool } from './define.ts';
import { pathsOf, tomlValues } from './settings-paths.ts';

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
  paths: {
    files: ['Cargo.toml'],
    read: (text) => [
      ...pathsOf('hook', tomlValues(text, 'build')),
      ...pathsOf(
        'test',
        [...text.matchAll(/^\[\[(?:test|bench)\]\][^[]{0,2000}?^\s{0,9}path\s{0,9}=\s{0,9}"([^"\n]{1,300})"/gm)].map(
          ([, one = '']) => one,
        ),
      ),
    ],
  },
  options: {
    selects: '-p --package --features --target --test --bin --example --bench',
    ignores: '--exclude --skip',
    lowers: '--no-run --lib --bins --examples --doc --tests --no-default-features --ignored',
  },
};
