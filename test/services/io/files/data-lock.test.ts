import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { it } from 'node:test';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { lockDataDir } from '../../../../services/io/files/data-lock.ts';
import { inTempDir } from '../../../support/farm-parts.ts';

async function holderOf(dir: string) {
  const module = join(import.meta.dirname, '..', '..', '..', '..', 'services', 'io', 'files', 'data-lock.ts');
  const script = `
    const { lockDataDir } = await import(${JSON.stringify(module)});
    globalThis.lock = lockDataDir(process.argv[1]);
    process.stdout.write('locked');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, dir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

it('a data folder belongs to one process, and others are told which', () =>
  inTempDir(async (dir) => {
    const child = await holderOf(dir);
    assert.throws(
      () => lockDataDir(dir),
      (error) =>
        isAppError(error, 'conflict') &&
        error.message.includes(dir) &&
        error.message.includes(`process ${child.pid}`) &&
        !error.message.includes('\n'),
    );
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockDataDir(dir).release();
  }));

it('a data folder is free again after a release, and may not be there at first', () =>
  inTempDir(async (parent) => {
    const dir = join(parent, 'new', 'data');
    const first = lockDataDir(dir);
    assert.throws(() => lockDataDir(dir), /in use/);
    first.release();
    lockDataDir(dir).release();
  }));

it('a data folder is shared by those who ask for that, and belongs to nobody alone meanwhile', () =>
  inTempDir(async (dir) => {
    const [one, other] = [lockDataDir(dir, { shared: true }), lockDataDir(dir, { shared: true })];
    assert.throws(() => lockDataDir(dir), /in use/);
    one.release();
    assert.throws(() => lockDataDir(dir), /in use/);
    other.release();
    const alone = lockDataDir(dir);
    assert.throws(() => lockDataDir(dir, { shared: true }), /in use/);
    alone.release();
  }));
