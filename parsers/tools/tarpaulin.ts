import type { Tool } from './define.ts';

export const tarpaulin: Tool = {
  name: 'tarpaulin',
  documentation: 'https://github.com/xd009642/tarpaulin#readme',
  install: 'cargo install cargo-tarpaulin',
  programs: ['cargo tarpaulin'],
  languages: ['rust'],
  settings: { files: ['tarpaulin.toml', '.tarpaulin.toml'], tables: { 'Cargo.toml': ['package.metadata.tarpaulin'] } },
};
