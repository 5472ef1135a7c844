import type { Tool } from './define.ts';

export const nextest: Tool = {
  name: 'nextest',
  documentation: 'https://nexte.st/docs/configuration/',
  install: 'cargo install cargo-nextest',
  programs: ['cargo nextest', 'cargo-nextest'],
  languages: ['rust'],
  exits: { 0: 'all passed', 100: 'failures' },
  fails: { 4: 'no tests ran', 101: 'it did not build' },
  settings: {
    files: ['.config/nextest.toml', 'nextest.toml', '.cargo/config.toml', 'rust-toolchain*'],
    tables: { 'Cargo.toml': ['test', 'profile', 'features', 'lib', 'bin', 'workspace.exclude', 'workspace.members'] },
  },
  options: {
    selects: '-E --filterset --filter-expr -p --package -P --profile --partition --features --run-ignored',
    ignores: '--exclude --skip',
    config: '--config-file --tool-config-file --config',
    lowers: '--lib --bins --no-default-features --retries',
  },
};
