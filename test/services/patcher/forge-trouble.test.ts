import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ForgeFailure } from '../../support/forge-server.ts';
import type { Json } from '../../support/http.ts';
import { paced } from '../../support/pace.ts';
import { type PatchLife, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const create = 'gitea POST /repos/{owner}/{repo}/pulls';
const push = 'git POST git-receive-pack';
const files = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`src/f${n}.js`, `const v${n} = "bad";\n`]));

/** One attempt for each of these, one after the other on one farm; what was opened is merged, so that there is a place. */
async function eachOf<T extends { failures: ForgeFailure[] }>(
  life: PatchLife,
  cases: readonly T[],
  look: (attempt: Json, one: T, pulls: number) => void,
): Promise<void> {
  const { job, findings } = await life.run();
  for (const [index, one] of cases.entries()) {
    const before = life.parts.forge.pulls.length;
    for (const failure of one.failures) life.parts.forge.failNext(failure);
    const { attempt } = (await life.ask(job, findings[index])).json;
    look(attempt, one, life.parts.forge.pulls.length - before);
    if (attempt.pr_number === null) continue;
    life.parts.forge.close(attempt.pr_number);
    await life.tell(attempt.pr_number);
    await life.becomes(attempt.id, ({ open }) => !open);
  }
}

describe('a forge that does not want', () => {
  const cases = [
    {
      failures: [{ route: create, status: 403, message: 'not yours' }],
      step: 'forge',
      reason: 'forbidden',
      words: /403: not yours/,
      next: /right to push branches and to open/,
    },
    {
      failures: [{ route: create, status: 404 }],
      step: 'forge',
      reason: 'not_found',
      words: /404/,
      next: /Look at the forge/,
    },
    {
      failures: [{ route: create, status: 422, message: 'no such base' }],
      step: 'forge',
      reason: 'invalid',
      words: /422: no such base/,
      next: /Look at the forge/,
    },
    {
      failures: [{ route: push, status: 403 }],
      step: 'push',
      reason: 'unauthorized',
      words: /403/,
      next: /credential in git_url/,
    },
  ] as const;

  it('ends the attempt at once, with the step, its words, and what to do', () =>
    withLife({ files: files(cases.length) }, async (life) => {
      await eachOf(
        life,
        cases.map((one) => ({ ...one, failures: [...one.failures] })),
        (attempt, one, pulls) => {
          const { status, failure } = attempt;
          assert.deepEqual(
            [status, failure?.step, failure?.reason],
            ['abandoned', one.step, one.reason],
            JSON.stringify(failure),
          );
          assert.match(failure.detail, one.words);
          assert.match(failure.next, one.next);
          assert.equal(pulls, 0);
        },
      );
      assert.deepEqual(await life.events('DeliveryAbandoned'), []);
    }));

  it('tells what its hook said of a push', () =>
    withLife({ files: files(1) }, async ({ run, ask, parts }) => {
      const { job, findings } = await run();
      const hook = '#!/bin/sh\necho "branches of robots are protected here" >&2\nexit 1\n';
      writeFileSync(join(parts.bare, 'hooks', 'pre-receive'), hook, { mode: 0o755 });
      const { attempt } = (await ask(job, findings[0])).json;
      assert.deepEqual(
        [attempt.status, attempt.failure.step, attempt.failure.reason],
        ['abandoned', 'push', 'forbidden'],
      );
      assert.match(attempt.failure.detail, /pre-receive hook declined.*branches of robots are protected here/);
      assert.match(attempt.failure.next, /right to push/);
      assert.deepEqual(parts.branches(), []);
    }));

  it('is asked once more by the next attempt, which takes the branch of the first', () =>
    withLife({ files: files(1) }, async ({ run, ask, parts }) => {
      const { job, findings } = await run();
      parts.forge.failNext({ route: create, status: 403 });
      const first = (await ask(job, findings[0])).json.attempt;
      const { attempt } = (await ask(job, findings[0])).json;
      assert.deepEqual([first.status, attempt.status, attempt.attempt_number], ['abandoned', 'pr_opened', 2]);
      assert.equal(attempt.branch, first.branch);
      assert.deepEqual(parts.branches(), [first.branch]);
    }));
});

describe('a forge that stumbles', () => {
  const patience = { ackWaitMs: paced(5_000), maxArrivals: 7, pauseMs: 2 };
  const cases: { name: string; failures: ForgeFailure[] }[] = [
    { name: '500, then fine', failures: [{ route: create, status: 500, times: 2 }] },
    { name: 'redirects only, more often than an event is tried', failures: [{ route: create, status: 301, times: 9 }] },
    { name: 'too many requests', failures: [{ route: create, status: 429, retryAfterSecs: 1 }] },
    { name: 'the answer is lost after the work', failures: [{ route: create, cut: 'after' }] },
    { name: 'the connection breaks before the work', failures: [{ route: create, cut: 'before' }] },
    { name: 'the answer to the push is lost', failures: [{ route: push, cut: 'after' }] },
    { name: 'the push is cut off', failures: [{ route: push, cut: 'before' }] },
    { name: 'the push meets a 500', failures: [{ route: push, status: 500 }] },
    {
      name: 'it is there already, and was not shown',
      failures: [
        { route: create, cut: 'after' },
        { route: 'gitea GET /repos/{owner}/{repo}/pulls/{base}/{head}', status: 404, times: 2 },
      ],
    },
  ];

  it('has one pull request in the end', () =>
    withLife({ files: files(cases.length), parts: { patience } }, async (life) => {
      await eachOf(life, cases, (attempt, { name }, pulls) => {
        assert.equal(attempt.status, 'pr_opened', `${name}: ${JSON.stringify(attempt.failure)}`);
        assert.equal(pulls, 1, name);
      });
      const counts = await Promise.all([
        life.events('PrOpened'),
        life.events('BranchPushed'),
        life.events('PatchVerified'),
      ]);
      assert.deepEqual(
        counts.map(({ length }) => length),
        [cases.length, cases.length, cases.length],
      );
      assert.equal(life.parts.branches().length, cases.length);
    }));

  it('is left alone for as long as it asks', () =>
    withLife({ files: files(1) }, async ({ run, ask, parts, apiCalls, becomes }) => {
      const { job, findings } = await run();
      parts.forge.failNext({ route: create, status: 429, retryAfterSecs: 2 });
      const asked = await ask(job, findings[0], 0);
      await until(() => parts.forge.calls[create] === 1);
      const since = performance.now();
      await becomes(asked.json.attempt.id, ({ status }) => status === 'pr_opened');
      assert.ok(performance.now() - since > 1_800, 'it was asked again too early');
      assert.equal(apiCalls(), 4, JSON.stringify(parts.forge.calls));
    }));
});

describe('an attempt without trouble', () => {
  it('costs at most four calls of the forge in its life', () =>
    withLife({ files: files(1) }, async ({ run, proposed, parts, tell, becomes, apiCalls }) => {
      const { id } = await proposed(await run());
      parts.forge.comment(1);
      await tell(1, 'created', 'issue_comment');
      await becomes(id, ({ comments }) => comments === 1);
      parts.forge.merge(1);
      await tell(1);
      await becomes(id, ({ status }) => status === 'merged');
      assert.ok(apiCalls() <= 4, JSON.stringify(parts.forge.calls));
    }));
});
