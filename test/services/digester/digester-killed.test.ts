import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { startDigester } from '../../../services/digester/start-digester.ts';
import { version } from '../../../services/floor/version.ts';
import { silent } from '../../../services/io/log.ts';
import { startIn, testConfig } from '../../support/farm.ts';
import { inTempDir } from '../../support/farm-parts.ts';
import { makeRepository } from '../../support/git-repository.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { until } from '../../support/until.ts';
import { register } from '../api/registered.ts';
import { openMailServer } from '../io/mail/mail-server.ts';
import { hour, minute, sixInTheMorning } from './digest-scene.ts';

test('a digester that is killed between the mail and its record has sent one mail, and no other is sent', () =>
  inTempDir(async (dir) => {
    const relay = await openMailServer({ beforeAnswer: () => new Promise(() => {}) });
    const env = {
      CRAFTING_ROLES: 'api,projector,digester',
      CRAFTING_DIGEST_TIMEZONE: 'UTC',
      CRAFTING_SMTP_HOST: '127.0.0.1',
      CRAFTING_SMTP_PORT: String(relay.port),
      CRAFTING_SMTP_TLS: '0',
      CRAFTING_SMTP_FROM: 'farm@example.org',
    };
    const startsAt = sixInTheMorning - 10 * minute;
    const before = await startIn(dir, { ...env, CRAFTING_ROLES: 'api,projector' }, { clock: movedClock(startsAt) });
    const repository = makeRepository(join(dir, 'repository'));
    const notify = { email: ['ann@example.org'], on: ['nightly_summary'] };
    await register({ http: before.http, repository }, 'alpha', { notify });
    await before.close();

    const child = fork(join(import.meta.dirname, 'digester-child.ts'), [dir, String(startsAt)], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const exited = once(child, 'exit');
    try {
      await once(child, 'message');
      child.send('go');
      await until(() => relay.arrived.length === 1);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }

    const clock = movedClock(startsAt + 11 * minute);
    const farm = await startIn(dir, { ...env, CRAFTING_ROLES: 'api,projector' }, { clock });
    const { store, models } = farm;
    assert.ok(models);
    const deps = { ...store, config: testConfig(dir, env), models, logger: silent, clock, version };
    const digester = await startDigester({ ...deps, mail: { unknownAfterMs: 1 } });
    try {
      for (let round = 0; round < 3; round += 1) await clock.forward(hour);
      assert.equal(relay.arrived.length, 1);
      const [date] = new Date(startsAt).toISOString().split('T');
      const [due] = models.query().digests.mails(date ?? '');
      assert.deepEqual([due?.status, due?.permanent, due?.attempt], ['failed', true, 1]);
      assert.match(due?.reason ?? '', /outcome unknown/);
      assert.equal(models.query().digests.isOverdue(date ?? ''), true);
    } finally {
      await digester.stop();
      await farm.close();
      await relay.close();
    }
  }));
