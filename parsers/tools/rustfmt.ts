import type { Tool } from './define.ts';

export const rustfmt: Tool = {
  name: 'rustfmt',
  documentation: 'https://rust-lang.github.io/rustfmt/',
  install: 'rustup component add rustfmt',
  programs: ['cargo fmt', 'rustfmt'],
  languages: ['rust'],
  scope: 'file',
  exits: { 0: 'all is formatted', 1: 'some is not' },
  obeys: ['rustc'],
  settings: { files: ['rustfmt.toml', '.rustfmt.toml', 'rust-toolchain*'] },
  options: { selects: '-p --package --edition', config: '--config --config-path --manifest-path' },
};
