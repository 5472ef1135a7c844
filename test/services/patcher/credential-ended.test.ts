import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { movedClock } from '../../support/moved-clock.ts';
import { fiveBad, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

describe('a credential that is not taken any more', () => {
  for (const [where, route, used] of [
    ['by the forge', 'gitea', 'farm'],
    ['by its git', 'git', 'project'],
  ] as const)
    it(`holds the attempts of its project, says so once, and loses none of them, where it is refused ${where}`, () => {
      const clock = movedClock();
      return withLife({ files: fiveBad, parts: { clock } }, async (life) => {
        const { run, ask, parts, events, http, becomes, quiet } = life;
        const { job, findings } = await run();
        parts.forge.failNext({ route, status: 401, message: 'token is expired', times: 1_000 });
        const asked = await Promise.all(findings.slice(0, 2).map((finding) => ask(job, finding, 0)));
        const ids = asked.map(({ json }) => json.attempt.id as string);
        await until(async () => (await events('ForgeCredentialRefused')).length > 0);
        await until(async () => (await http.get('/status')).json.forge_refused.length === 1);
        await clock.beat();
        const [{ project, repository, reason }] = (await http.get('/status')).json.forge_refused;
        assert.deepEqual([project, repository], ['p', `${parts.forge.url}/acme/app.git`]);
        assert.match(reason, new RegExp(`credential of the ${used} is not taken, and patches wait until it is: .*401`));
        const [refusal, ...more] = await events('ForgeCredentialRefused');
        assert.deepEqual([refusal?.data.used, more], [used, []]);
        parts.forge.calm();
        await until(async () => {
          await clock.beat();
          return (await events('ForgeCredentialAccepted')).length > 0;
        });
        for (const id of ids) assert.equal((await becomes(id, ({ status }) => status === 'pr_opened')).failure, null);
        await quiet();
        assert.deepEqual((await http.get('/status')).json.forge_refused, []);
        const left = [await events('PatchAbandoned'), await events('DeliveryAbandoned'), await events('PatchSentBack')];
        assert.deepEqual(left, [[], [], []]);
        assert.equal((await events('ForgeCredentialAccepted')).length, 1);
      });
    });
});
