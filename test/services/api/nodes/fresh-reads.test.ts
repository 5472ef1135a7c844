import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { Recorded } from '../../../../events/registry.ts';
import { openNodes } from '../../../../services/api/nodes/api-nodes.ts';
import { freshReads } from '../../../../services/api/nodes/fresh-reads.ts';
import type { EventLog } from '../../../../services/io/event-log.ts';
import { silent } from '../../../../services/io/log.ts';
import { openNodeTalk } from '../../../../services/io/nats/node-talk.ts';
import { openHostModels } from '../../../../services/projector/host-models.ts';
import { withFarm } from '../../../support/farm.ts';
import { withDoor } from '../door.ts';

/** A log whose followers hear of an event long after whoever appended it was answered. */
function heardLate(log: EventLog, lateMs: number): EventLog {
  return {
    ...log,
    follow: (options) => {
      let late: Promise<unknown> = Promise.resolve();
      const onEvent = (event: Recorded) => {
        late = Promise.all([late, pause(lateMs)]).then(() => {
          options.onEvent(event);
          options.onDrained?.();
        });
      };
      return log.follow({ ...options, onEvent, onDrained: () => {} });
    },
  };
}

it('what one process was told is known at another one, however late its read models hear of it', () =>
  withFarm(async (farm) => {
    const dir = join(farm.dir, 'second');
    mkdirSync(dir);
    const [talk, flush] = [openNodeTalk(farm.store.nats), () => farm.store.nats.connection.flush()];
    const first = await openNodes(talk, { flush });
    const nodes = await openNodes(talk, { flush });
    const models = await openHostModels({
      dir,
      log: heardLate(farm.store.log, 100),
      logger: silent,
      isProjector: true,
    });
    try {
      await withDoor({ ...farm, models }, { nodes }, async ({ http }) => {
        assert.deepEqual([first.several(), nodes.several()], [true, true]);
        const bearer = await farm.http.mint('ann');
        assert.equal((await http.get('/projects', { bearer })).status, 200, 'a bearer of a moment ago');
        const git_url = 'http://x/x.git';
        for (const path of ['a', 'b']) {
          await farm.http.post('/projects', { name: path, git_url }, { bearer });
          assert.equal((await http.get(`/projects/${path}`, { bearer })).status, 200);
          await farm.http('PUT', `/projects/${path}`, { bearer, body: { name: path, git_url, enabled: false } });
          assert.equal((await http.get(`/projects/${path}`, { bearer })).json.project.enabled, false);
        }
        first.stop();
        await flush();
        assert.equal(nodes.several(), false, 'nothing is asked when nobody else is there');
      });
    } finally {
      nodes.stop();
      await models.close();
    }
  }));

it('one question to the log serves all who come while it is under way, and nobody gets an answer of before he came', async () => {
  let end = 1;
  let asked = 0;
  const applied: number[] = [];
  const answers: (() => void)[] = [];
  const log = {
    end: () => {
      asked += 1;
      const now = end;
      return new Promise<number>((resolve) => answers.push(() => resolve(now)));
    },
  };
  const fresh = freshReads(log, { applied: async (seq) => applied.push(seq) > 0 });
  const first = fresh();
  end = 2;
  const later = [fresh(), fresh(), fresh()];
  answers.shift()?.();
  await first;
  assert.deepEqual(applied, [1]);
  await pause(0);
  answers.shift()?.();
  await Promise.all(later);
  assert.deepEqual([applied, asked], [[1, 2], 2]);
});

it('a log that does not answer holds up no request', async () => {
  const fresh = freshReads({ end: async () => Promise.reject(new Error('away')) }, { applied: async () => false });
  await Promise.all([fresh(), fresh()]);
});
