import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { RolloutStep } from '../../../../events/projects/recipe-set.ts';
import type { Draft } from '../../../../events/registry.ts';
import type { RecipeSourceDoc } from '../../../../projections/projects/recipe-sources.ts';
import { rolloutMeant, type SourceStep } from '../../../../services/recipe-sets/rules/rollout-meant.ts';
import { nextStep } from '../../../../services/recipe-sets/rules/rollout-step.ts';
import { after } from '../../../projections/given-when.ts';

const source = 'farm/s';
const named = { source, owner: null };
const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];
const letter = (sha: string | null) => sha?.[0] ?? 'all';

const set: Draft = {
  type: 'RecipeSourceSet',
  id: source,
  data: {
    ...{ ...named, name: 's', git_url: 'https://git.example/s', credential_ref: null, ref: 'main' },
    ...{ folder: 'recipes', poll: 5, by: 'ann' },
  },
};
const fetched = (sha: string): Draft => ({
  type: 'RecipeSetFetched',
  id: source,
  data: { ...named, sha, digest: sha.slice(0, 1).repeat(64), documents: [{ name: 'unit', sha256: 'f'.repeat(64) }] },
});
const farm = (step: RolloutStep, sha: string, from: string | null): Draft => ({
  type: 'RecipeRolloutDecided',
  id: source,
  data: { ...named, step, sha, from, by: 'farm', reason: 'the rule', runs: [] },
});
const out = (sha: string, from: string) => [fetched(sha), farm('canary', sha, from), farm('production', sha, from)];
const threeOut = [set, fetched(A), farm('first', A, null), ...out(B, A), ...out(C, B)];

async function sourceAfter(history: readonly Draft[]): Promise<RecipeSourceDoc> {
  let found: RecipeSourceDoc | undefined;
  await after(history, ({ recipeSources }) => {
    found = recipeSources.find(source);
  });
  assert.ok(found);
  return found;
}

/** What people decide after a history, one on top of the other. */
async function decide(history: readonly Draft[], ...said: [SourceStep, string?][]): Promise<Draft[]> {
  const events = [...history];
  for (const [step, sha] of said) {
    const doc = await sourceAfter(events);
    const data = rolloutMeant(step, doc, { by: 'ann', reason: 'release week', ...(sha === undefined ? {} : { sha }) });
    events.push({ type: 'RecipeRolloutDecided', id: source, data });
  }
  return events;
}

async function told(history: readonly Draft[]): Promise<string> {
  const doc = await sourceAfter(history);
  const next = nextStep({ source: doc, verdict: () => ({ verdict: 'wait', why: '' }) });
  const held = doc.holds.map(({ sha }) => letter(sha)).join(' ');
  return `production ${letter(doc.production)}, held: ${held}, then ${next.does === 'decide' ? next.step : next.does}`;
}

it('keeps a freeze and every hold over a rollback and a rollout of an older version', async () => {
  const back = await decide(threeOut, ['hold'], ['rollback']);
  assert.equal(await told(back), 'production b, held: c all, then wait');
  const older = await decide(threeOut, ['hold'], ['hold', B], ['rollout', A]);
  assert.equal(await told(older), 'production a, held: c b all, then wait');
  const bad = [...threeOut.slice(0, -1), farm('held', C, B)];
  assert.equal(await told(await decide(bad, ['rollback'])), 'production a, held: b c, then wait');
  assert.equal((await sourceAfter(await decide(bad, ['rollback']))).holds[1]?.by, 'farm');
});

it('lifts with a rollout the hold of that very version alone', async () => {
  const meant = await decide(threeOut, ['hold'], ['hold', A], ['rollback'], ['rollout', C]);
  assert.equal(await told(meant), 'production c, held: a all, then nothing');
  assert.equal(await told([...meant, fetched('d'.repeat(40))]), 'production c, held: a all, then wait');
});

it('holds a version that is pushed again', async () => {
  const back = await decide(threeOut, ['rollback'], ['hold', A]);
  const pushed = [...back, fetched('d'.repeat(40)), fetched(C)];
  assert.equal(await told(pushed), 'production b, held: a c, then wait');
});

it('releases what is named, the freeze before the rest, and asks where that is not clear', async () => {
  const held = await decide(threeOut, ['hold', A], ['hold', B], ['hold']);
  assert.equal(await told(await decide(held, ['release', A])), 'production c, held: all b, then nothing');
  const thawed = await decide(held, ['release']);
  assert.equal(await told(thawed), 'production c, held: b a, then nothing');
  await assert.rejects(decide(thawed, ['release']), /Several versions of farm\/s are held: name one of b{12}, a{12}/);
  await assert.rejects(decide(held, ['release', C]), /Version c{40} of farm\/s is not held; held are b{12}, a{12}/);
  const one = await decide(thawed, ['release', B], ['release']);
  assert.equal(await told(one), 'production c, held: , then nothing');
  const frozen = await decide(threeOut, ['hold']);
  await assert.rejects(decide(frozen, ['release', C]), /the whole source is: release it without a version/);
});

it('goes further back with each rollback, and never forward', async () => {
  const twice = await decide(threeOut, ['rollback'], ['rollback']);
  assert.equal(await told(twice), 'production a, held: b c, then wait');
  await assert.rejects(decide(twice, ['rollback']), /had no other version in production before/);
  const released = await decide(twice, ['release', B], ['release', C]);
  await assert.rejects(decide(released, ['rollback']), /had no other version in production before/);
  const older = await decide(threeOut, ['rollout', B], ['release', C]);
  assert.equal(await told(await decide(older, ['rollback'])), 'production a, held: b, then canary');
});

it('keeps the newest 64 holds of versions, and a freeze beside them', async () => {
  const shas = Array.from({ length: 70 }, (_, index) => index.toString(16).padStart(40, '0'));
  const { holds } = await sourceAfter([
    ...(await decide([set, fetched(A)], ['hold'])),
    ...shas.map((sha) => farm('held', sha, null)),
  ]);
  assert.deepEqual([holds.length, holds[0]?.sha, holds.at(-1)?.sha], [65, shas.at(-1), null]);
});
