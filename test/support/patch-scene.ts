import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { git, makeRepository } from './git-repository.ts';

/** A repository for many tests that only read it, and a clone on which patches are tried with plain `git apply`. */
export async function startScene(files: Record<string, string>) {
  const folder = mkdtempSync(path.join(tmpdir(), 'ct-patch-'));
  const url = makeRepository(path.join(folder, 'origin'), files);
  const clone = path.join(folder, 'clone');
  git(folder, 'clone', '--quiet', url, clone);
  return {
    folder,
    url,
    sha: git(url, 'rev-parse', 'HEAD'),
    /** The contents of these paths in a fresh tree after the diff; null for those that are not there. */
    applyPlainly(diff: string, paths: readonly string[]): Record<string, string | null> {
      git(clone, 'reset', '--quiet', '--hard');
      git(clone, 'clean', '-ffdxq');
      const file = path.join(folder, 'plain.diff');
      writeFileSync(file, diff);
      git(clone, 'apply', '--whitespace=nowarn', file);
      const read = (name: string) =>
        existsSync(path.join(clone, name)) ? readFileSync(path.join(clone, name), 'utf8') : null;
      return Object.fromEntries(paths.map((name) => [name, read(name)]));
    },
  };
}

/** Removes what `startScene` made. */
export function stopScene(scene: { folder: string }): void {
  rmSync(scene.folder, { recursive: true, force: true, maxRetries: 5 });
}
