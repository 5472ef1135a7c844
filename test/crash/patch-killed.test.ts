import { describe, it } from 'node:test';
import { sampleOf } from '../support/thorough.ts';
import { killAt, nameOf, type Point } from './patch-lane.ts';

/** For as long as it takes until the step before is heard of again. */
const trouble = { route: 'git GET git-receive-pack', status: 503, times: 3 };

/** Each list is one service that dies again and again; the lists run side by side. */
const lists: readonly (readonly Point[])[] = [
  [
    { event: 'PatchRequested' },
    { event: 'PatchDrafted' },
    { event: 'PatchVerified', trouble },
    { event: 'BranchPushed' },
  ],
  [{ event: 'PatchSessionOpened' }, { event: 'JobEnqueued' }, { event: 'PatchSessionClosed' }, { event: 'PrOpened' }],
  [
    { event: 'PatchTurnStarted', lost: 1 },
    { event: 'FindingsParsed' },
    { event: 'RecipeExited' },
    { event: 'ProofStated' },
  ],
];

describe('a patch loop that is killed', { concurrency: 3 }, () => {
  for (const points of sampleOf(lists))
    it(`goes on to one pull request after a death at ${points.map(nameOf).join(', ')}`, () => killAt(points));
});
