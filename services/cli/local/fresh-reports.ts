import { stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { collectReports, type Report } from '../../runner/reports/collect-reports.ts';
import { globWalk } from '../../runner/reports/glob-walk.ts';

type Place = { readonly root: string; readonly cwd: string };

const mostFiles = 2_000;

/**
 * Looks at the result files that lie in a work tree before a run. Answers how to read those that the run wrote. A job begins
 * in a clean tree; here those of an earlier run may still lie around, and would be told again.
 */
export async function freshReports(patterns: readonly string[], { root, cwd }: Place) {
  const before = await printsOf(patterns, cwd);
  return async (onNote: (note: string) => void): Promise<Report[]> => {
    if (patterns.length === 0) return [];
    const after = await printsOf(patterns, cwd);
    const stale = new Set(
      [...after].filter(([path, print]) => before.get(path) === print).map(([path]) => relative(root, join(cwd, path))),
    );
    if (stale.size > 0)
      onNote(`${stale.size} result file${stale.size === 1 ? ' is' : 's are'} left out: this run did not write them`);
    const found = await collectReports(patterns, { root, cwd }, onNote);
    return found.filter(({ name }) => !stale.has(name.split('/').join(sep)));
  };
}

/** What tells a file from the one that is written in its place. */
async function printsOf(patterns: readonly string[], cwd: string): Promise<Map<string, string>> {
  const prints = new Map<string, string>();
  for await (const path of globWalk(patterns, cwd, () => {})) {
    if (prints.size >= mostFiles) break;
    const info = await stat(join(cwd, path), { bigint: true }).catch(() => null);
    if (info) prints.set(path, `${info.ino} ${info.mtimeNs} ${info.size}`);
  }
  return prints;
}
