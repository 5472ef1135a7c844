import { silencers, type Tool } from './define.ts';

/** Attributes: an outer one counts for what follows it, an inner one for the file or the block that it stands in. */
export const rustc: Tool = {
  name: 'rustc',
  documentation: 'https://doc.rust-lang.org/rustc/lints/levels.html',
  install: 'the Rust toolchain (rustup)',
  version: '--version',
  programs: ['cargo build', 'cargo check', 'rustc'],
  builds: true,
  languages: ['rust'],
  scope: 'program',
  exits: { 0: 'no errors', 101: 'errors' },
  machine: { flag: '--message-format=json', asked: /--message-format[ =]json/, of: ['cargo build', 'cargo check'] },
  silencers: silencers('rust', 'code', [
    ['# \\[ (?:allow|expect) \\(', 'declaration', '#[allow(dead_code)]', { family: 'allow' }],
    ['# ! \\[ (?:allow|expect) \\(', 'file', '#![allow(dead_code)]', { family: 'allow' }],
    [
      '# !? \\[ cfg_attr \\([^\\]]{0,300}?\\b(?:allow|expect) \\(',
      'file',
      '#[cfg_attr(test, allow(dead_code))]',
      { family: 'allow' },
    ],
    [
      '# !? \\[ (?:rustfmt\\s{0,9}::\\s{0,9}skip|coverage \\( off|no_coverage|automatically_derived|clippy\\s{0,9}::\\s{0,9}\\w)',
      'declaration',
      '#[rustfmt::skip]',
      { family: 'rust-skip' },
    ],
  ]),
  settings: {
    files: ['.cargo/**', 'rust-toolchain*', 'rustfmt.toml', '.rustfmt.toml'],
    tables: { 'Cargo.toml': ['lints', 'workspace.lints', 'profile', 'features', 'lib', 'bin'] },
  },
  options: {
    selects: '-p --package --features --target --profile',
    ignores: '-A --allow --cap-lints --exclude',
    config: '--config',
    lowers: '--lib --bins --no-default-features -w',
  },
  fix: { how: 'edits', counts: 'characters' },
};
