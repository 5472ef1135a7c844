import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { subscriberStream } from '../../../events/streams.ts';
import { until } from '../../support/until.ts';
import { type Stage, withStage } from './relay-stage.ts';

const program = join(import.meta.dirname, 'relay-child.ts');

async function childOf({ dir, server: { url, user, pass } }: Stage) {
  const folder = join(dir, 'child');
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH ?? '', STAGE: [folder, url, user, pass].join(' ') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    kill: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

it('leaves no gap and repeats nothing when it is killed while it copies', () =>
  withStage(async (stage) => {
    const { subscribe, happen, heard, relay, nats, log } = stage;
    const stored = async () => (await nats.jsm.streams.info(subscriberStream.name)).state.messages;
    await happen(3_000);
    await subscribe('all');
    await subscribe('odd', { projects: ['odd'] });
    let before = 0;
    for (let round = 0; round < 2; round += 1) {
      const child = await childOf(stage);
      before = await until(async () => ((await stored()) > before ? stored() : null));
      await child.kill();
    }
    const midway = await stored();
    assert.ok(midway > 0 && midway < 4_502, `${midway} were copied when the last one was killed`);
    await relay();
    const end = await log.end();
    await until(async () => (await stored()) >= 4_502);
    const all = (await heard('all')).map(({ seq }) => seq);
    assert.deepEqual(
      all,
      Array.from({ length: end }, (_, at) => at + 1),
    );
    const odd = (await heard('odd')).map(({ seq }) => seq);
    assert.deepEqual([odd.length, new Set(odd).size], [1_500, 1_500]);
    assert.deepEqual(
      odd,
      odd.toSorted((a, b) => a - b),
    );
  }));
