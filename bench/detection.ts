import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detect } from '../recipes/detection/detect.ts';
import { type ReaderTable, type Tally, tallyChecks, tallyOff, tallySubprojects } from './detection-table.ts';
import type { Figure } from './figure.ts';

/** Precision and recall are to be at least this much. */
const wanted = 0.95;

/**
 * Fetches the public repositories of `detection-repositories.json` and holds what is detected, as if every tool were
 * there, against what a careful reader wrote down of each. `BENCH_MIRRORS` names a folder of `owner+name/repo` to clone
 * from instead; `BENCH_DETECTION_ONLY=flask` takes those with that word in their address.
 */
export async function run(): Promise<Figure[]> {
  const file = join(import.meta.dirname, 'detection-repositories.json');
  const all: ReaderTable[] = JSON.parse(readFileSync(file, 'utf8'));
  const tables = all.filter(({ url }) => url.includes(process.env['BENCH_DETECTION_ONLY'] ?? ''));
  const dir = mkdtempSync(join(tmpdir(), 'ct-detection-'));
  const subprojects: Tally[] = [];
  const listed: Tally[] = [];
  const checks: Tally[] = [];
  try {
    for (const table of tables) {
      const tree = fetched(table, dir);
      if (tree === null) continue;
      const found = await detect(tree, { has: () => true });
      const tallies = {
        folder: tallySubprojects(found, table),
        'folder that is off': tallyOff(found, table),
        check: tallyChecks(found, table),
      };
      subprojects.push(tallies.folder);
      listed.push(tallies['folder that is off']);
      checks.push(tallies.check);
      for (const [what, { wrong, lacking }] of Object.entries(tallies)) {
        if (wrong.length + lacking.length === 0) continue;
        process.stderr.write(`  ${table.url}: ${what} ${JSON.stringify({ wrong, lacking })}\n`);
      }
      rmSync(tree, { recursive: true, force: true });
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return [
    ...shares(`subprojects of ${subprojects.length} repositories`, subprojects),
    ...shares('folders that are listed and off', listed),
    ...shares(`checks of ${checks.length} repositories`, checks),
  ];
}

/** The tree of the commit; null, and said, when it cannot be had. */
function fetched({ url, commit }: ReaderTable, dir: string): string | null {
  const name = url
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2)
    .join('+');
  const tree = join(dir, name);
  const mirrors = process.env['BENCH_MIRRORS'];
  const from = mirrors === undefined ? url : join(mirrors, name, 'repo');
  const git = (...args: string[]) => spawnSync('git', args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const cloned = git('clone', '--quiet', '--no-checkout', ...(mirrors === undefined ? [] : ['--shared']), from, tree);
  if (cloned && git('-C', tree, 'checkout', '--quiet', '--force', commit)) return tree;
  process.stderr.write(`  left out: ${url} could not be fetched at ${commit}\n`);
  return null;
}

function shares(what: string, tallies: readonly Tally[]): Figure[] {
  const sum = (of: (tally: Tally) => number) => tallies.reduce((total, tally) => total + of(tally), 0);
  const right = sum((tally) => tally.right);
  const proposed = right + sum(({ wrong }) => wrong.length);
  const expected = right + sum(({ lacking }) => lacking.length);
  return [share(`${what}: precision`, right, proposed), share(`${what}: recall`, right, expected)];
}

function share(what: string, part: number, whole: number): Figure {
  return { what, unit: 'of 1', ours: part / whole, limit: null, target: { atLeast: wanted } };
}
