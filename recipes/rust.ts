import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, step, suggest } from './define.ts';
import { at, foldersWith, inside, uncovered } from './detection/tree.ts';

const commands = {
  build: `cargo build --workspace ${machineFlag('rustc')}`,
  test: 'cargo test --workspace --no-fail-fast',
  lint: `cargo clippy --workspace --all-targets ${machineFlag('clippy')}`,
  audit: `cargo audit ${machineFlag('cargo-audit')}`,
};

/** Crates; a workspace stands for all crates beneath it but those that it excludes. */
export const rust: Ecosystem = {
  name: 'rust',
  reads: /^Cargo\.toml$/,
  suggested: suggest('rust', [
    ['build', 'cargo', commands.build],
    ['test', 'cargo', commands.test],
    ['lint', 'cargo-clippy', commands.lint],
    ['audit', 'cargo-audit', commands.audit],
  ]),
  find(tree) {
    const crates = foldersWith(tree, /^Cargo\.toml$/);
    const covers = (outer: string, inner: string) => {
      const manifest = tree.text(at(outer, 'Cargo.toml'));
      return (
        /^\s*\[workspace\b/m.test(manifest) && !excluded(manifest).some((folder) => inside(inner, at(outer, folder)))
      );
    };
    return uncovered(crates, covers).map((path) => {
      const locked = tree.files.includes(at(path, 'Cargo.lock'));
      return {
        path,
        language: 'rust',
        steps: [
          step('build', ['cargo'], commands.build),
          step('test', ['cargo'], commands.test),
          step('lint', ['cargo', 'cargo-clippy'], commands.lint),
          step(
            'audit',
            ['cargo', 'cargo-audit'],
            locked ? commands.audit : `cargo generate-lockfile && ${commands.audit}`,
          ),
        ],
        timeout_secs: 1800,
      };
    });
  },
};

function excluded(manifest: string): string[] {
  const list = /^\s*exclude\s*=\s*\[([^\]]*)\]/m.exec(manifest)?.[1] ?? '';
  return [...list.matchAll(/["']([^"']+)["']/g)].map((match) => (match[1] ?? '').replace(/\/\**$/, ''));
}
