import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { jobOf, postJob, registerProject, startService, whenEnded } from '../crash/service-process.ts';
import { inTempDir } from '../support/farm-parts.ts';
import { until } from '../support/until.ts';

it('lets running jobs finish on SIGTERM, takes no more, and ends them at once on a second one', () =>
  inTempDir(async (dir) => {
    const [begun, go] = [join(dir, 'begun'), join(dir, 'go')];
    const service = await startService(mkdtempSync(join(dir, 'data-')), { CRAFTING_DRAIN_SECS: '600' });
    await registerProject(service, dir, `: > '${begun}'; until test -e '${go}'; do sleep 0.05; done`);
    await registerProject(service, dir, `: > '${begun}-endless'; sleep 600`, { name: 'endless' });
    const [id = '', endless = ''] = (await Promise.all([postJob(service), postJob(service, 'endless')])).map(String);
    await until(() => existsSync(begun) && existsSync(`${begun}-endless`), 'both jobs run');
    service.child.kill('SIGTERM');
    await until(() => /no more jobs are taken/.test(service.said()), 'it drains');
    const late = String(await postJob(service));
    writeFileSync(go, '');
    const [job] = await whenEnded(service, [id]);
    assert.deepEqual([job?.status, job?.reason], ['succeeded', 'exited']);
    assert.equal((await jobOf(service, late))?.status, 'queued');
    assert.equal((await jobOf(service, endless))?.status, 'running');
    assert.equal(await service.end('SIGTERM'), 0, `${service.child.signalCode} ${service.said()}`);
  }));
