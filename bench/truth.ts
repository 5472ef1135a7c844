import { inFolder } from './bench-farm.ts';
import type { Bench, Figure } from './figure.ts';
import { truthHistory } from './truth-history.ts';
import { readRepositories, walkRepository } from './truth-repositories.ts';
import { openTruthFarm, type TruthTally, truthWays, walkTruth } from './truth-walk.ts';

const commits = Number(process.env['BENCH_TRUTH_COMMITS'] ?? 50);
/** A part: the ways and repositories whose names hold this word. */
const only = process.env['BENCH_TRUTH_ONLY'] ?? '';

/**
 * Holds the life of findings against what a careful reader says: made-up histories, started in each way, and the public
 * repositories of truth-repositories.json, where the reader is the tool itself on a checkout of its own.
 */
export const run: Bench = () =>
  inFolder(async (dir) => {
    const farm = await openTruthFarm(dir);
    const figures: Figure[] = [];
    try {
      for (const [at, way] of truthWays.entries()) {
        if (!way.includes(only)) continue;
        const history = truthHistory(100 + at, commits, { hides: way !== 'random' });
        const tally = await walkTruth(farm, { dir, name: way, history, wayOf: () => way, seed: at + 1 });
        figures.push(...figuresOf(`made up, started by ${way}`, tally));
      }
      for (const repository of readRepositories()) {
        if (!repository.url.includes(only)) continue;
        const tally = await walkRepository(farm, dir, {
          ...repository,
          commits: Math.min(repository.commits, commits),
        });
        if (tally) figures.push(...figuresOf(repository.url, tally));
      }
    } finally {
      await farm.close();
    }
    return figures;
  });

function figuresOf(what: string, tally: TruthTally): Figure[] {
  const { checks, exact, closedWithoutProof, stale, split, first, words } = tally;
  process.stderr.write(`  ${what}: ${exact} of ${checks} exact\n`);
  for (const one of words.slice(0, 20)) process.stderr.write(`  ${one}\n`);
  const none = { limit: null, target: { atMost: 0 } };
  return [
    {
      what: `lifecycle exact, ${what}`,
      unit: '%',
      ours: (100 * exact) / checks,
      limit: null,
      target: { atLeast: 100 },
    },
    { what: `closed without proof, ${what}`, unit: 'findings', ours: closedWithoutProof, ...none },
    { what: `open two runs after their cause, ${what}`, unit: 'findings', ours: stale, ...none },
    { what: `moved and taken for new, ${what}`, unit: 'findings', ours: split, ...none },
    {
      what: `right at first sight of ${first.shown}, ${what}`,
      unit: '%',
      ours: first.shown === 0 ? 100 : (100 * first.right) / first.shown,
      limit: null,
      target: { atLeast: 100 },
    },
  ];
}
