import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft, EventData, EventName } from '../../../events/registry.ts';
import type { RecipeStanding } from '../../../projections/jobs/recipe-runs.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { after } from '../given-when.ts';

const idOf = (n: number) => String(n).padStart(26, '0');
const of = <N extends EventName>(name: N, n: number, changes: object = {}): Draft<N> =>
  sampleDraft(name, idOf(n), { job_id: idOf(n), project: 'alpha', ...changes } as unknown as Partial<EventData<N>>);
type Run = {
  passed: boolean;
  ms?: number;
  purpose?: string;
  onDefault?: boolean;
  cancelled?: boolean;
  subproject?: string;
};
function run(
  n: number,
  { passed, ms = 100, purpose = 'requested', onDefault = true, cancelled = false, subproject = 'a' }: Run,
) {
  return [
    of('JobEnqueued', n, { subproject, recipe: 'test', purpose }),
    ...(cancelled ? [of('JobCancelRequested', n)] : []),
    of('RecipeExited', n, { reason: 'exited', exit_code: passed ? 0 : 1, duration_ms: ms }),
    of('FindingsParsed', n, { passed, on_default_branch: onDefault, total: 0, new: 0, reading: 1 }),
  ];
}
const standings = (history: Draft[]) => {
  let found: RecipeStanding[] = [];
  return after(history, (queries) => {
    found = queries.recipeRuns.standings(['alpha', 'none']);
  }).then(() => found);
};

test('a recipe stands as its newest run on the default branch does, with the run that it fails since and the last that passed', async () => {
  const [one, ...more] = await standings([
    ...run(1, { passed: true, ms: 100 }),
    ...run(2, { passed: false, ms: 300 }),
    ...run(3, { passed: false, ms: 200 }),
    ...run(4, { passed: true, onDefault: false }),
    ...run(5, { passed: true, purpose: 'verify' }),
    ...run(6, { passed: true, cancelled: true }),
  ]);
  assert.equal(more.length, 0);
  assert.deepEqual(
    [one?.latest.job_id, one?.failing_since?.job_id, one?.last_green?.job_id, one?.median_ms],
    [idOf(3), idOf(2), idOf(1), 200],
  );
});

test('runs count in the order in which they were asked for, whichever ends first', async () => {
  const [first, second] = [run(1, { passed: true }), run(2, { passed: false })];
  const [one] = await standings([first[0], second[0], ...second.slice(1), ...first.slice(1)] as Draft[]);
  assert.equal(one?.latest.job_id, idOf(2));
});

test('a log that is read again may turn the verdict, and makes no second run', async () => {
  const again = of('FindingsParsed', 1, { passed: false, total: 4, new: 1, reading: 2, on_default_branch: true });
  const [one] = await standings([...run(1, { passed: true }), again]);
  assert.deepEqual([one?.latest.passed, one?.latest.findings], [0, 4]);
});

test('runs of a recipe are kept as far as a median needs, and go with the project', async () => {
  const many = Array.from({ length: 40 }, (_, n) => run(n + 1, { passed: true, ms: n })).flat();
  const [one] = await standings(many);
  assert.equal(one?.median_ms, 25);
  const removed = sampleDraft('ProjectRemoved', 'alpha', { name: 'alpha' });
  const registered = sampleDraft('ProjectRegistered', 'alpha', { name: 'alpha', owner: removed.data.owner ?? 'x' });
  assert.deepEqual(await standings([registered, ...many, removed]), []);
});
