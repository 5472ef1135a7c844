import { describe, it } from 'node:test';
import { sampleOf } from '../support/thorough.ts';
import { killAt, nameOf, type Point } from './patch-lane.ts';

const [find, open] = ['GET /repos/{owner}/{repo}/pulls', 'POST /repos/{owner}/{repo}/pulls'];
const [asked, push] = ['git GET git-receive-pack', 'git POST git-receive-pack'];
const toolEdit = { code: 'no-bad' } as const;

/** Each list is one service that dies again and again; the lists run side by side. */
const lists: readonly (readonly Point[])[] = [
  [
    { call: 'agent list', phase: 'before' },
    { call: 'agent create', phase: 'after' },
    { call: 'agent delete', phase: 'before' },
    { call: push, phase: 'after' },
    { call: open, phase: 'before' },
  ],
  [
    { call: 'agent create', phase: 'before' },
    { call: 'agent turn', phase: 'after', lost: 1 },
    { call: asked, phase: 'after', ...toolEdit },
    { call: open, phase: 'after' },
  ],
  [
    { call: 'agent turn', phase: 'before', lost: 1 },
    { call: 'agent delete', phase: 'after' },
    { call: push, phase: 'before' },
    { call: find, phase: 'after', ...toolEdit },
  ],
];

describe('a patch loop that is killed while it asks somebody outside', { concurrency: 3 }, () => {
  for (const points of sampleOf(lists))
    it(`goes on to one pull request after a death ${points.map(nameOf).join(', ')}`, () => killAt(points));
});
