import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { silent } from '../../../services/io/log.ts';
import { startProjector } from '../../../services/projector/projector.ts';
import { withNats } from '../../support/farm-parts.ts';
import { longHistory } from './event-history.ts';

const child = join(import.meta.dirname, 'projector-child.ts');
const kills = 10;

it('a projector that is killed under load again and again has applied every event exactly once', () =>
  withNats(async ({ dir, log, server }) => {
    const models = mkdtempSync(join(dir, 'models-'));
    let writing = true;
    const writer = (async () => {
      for (const draft of longHistory(150, 11)) {
        if (!writing) return;
        await log.append(draft, { durable: false });
      }
    })();
    const stage = [models, server.url, server.user, server.pass].join(' ');
    for (let kill = 0; kill < kills; kill += 1) {
      const one = spawn(process.execPath, [child], {
        env: { ...process.env, STAGE: stage },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(one.stdout, 'data');
      await delay(randomInt(0, 40));
      one.kill('SIGKILL');
      await once(one, 'exit');
    }
    writing = false;
    await writer;
    const last = await startProjector({ dir: models, log, logger: silent });
    const { before, after, seq } = await last.rebuild();
    assert.equal(seq, await log.end());
    assert.ok(seq > 500, `${seq} events`);
    assert.deepEqual(after, before);
    await last.close();
  }));
