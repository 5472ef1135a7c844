import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { namesIn } from '../io/files/names-in.ts';
import type { OpenReport } from './outside-report.ts';

/** Holds the mirrors and work trees of a workspace against the repositories that the log knows. */
export async function compareTrees(workspaceDir: string, urls: ReadonlySet<string>, report: OpenReport): Promise<void> {
  const known = new Set([...urls].map(keyOf));
  const mirrors = await namesIn(join(workspaceDir, 'mirrors'));
  for (const key of mirrors.filter((name) => /^[0-9a-f]{24}\.git$/.test(name)).map((name) => name.slice(0, 24))) {
    const trees = (await namesIn(join(workspaceDir, 'slots', key))).filter((name) => /^\d+$/.test(name));
    for (const _ of trees) report.count('work_trees');
    if (known.has(key)) continue;
    report.differs({
      what: 'work_tree',
      id: `${key} of ${await urlOf(join(workspaceDir, 'mirrors', `${key}.git`))}`,
      expected: 'no project uses this repository',
      found: `a mirror with ${trees.length} work trees`,
      advice:
        'A project that the log does not know had jobs here: register it again, or leave it: a tree goes after a day without use.',
    });
  }
}

/** As `io/git` names mirrors and trees. */
function keyOf(url: string): string {
  return createHash('sha256').update(url).digest('hex').slice(0, 24);
}

async function urlOf(mirror: string): Promise<string> {
  const config = await readFile(join(mirror, 'config'), 'utf8').catch(() => '');
  return /^\s*url = "(.*)"$/m.exec(config)?.[1] ?? 'an unknown repository';
}
