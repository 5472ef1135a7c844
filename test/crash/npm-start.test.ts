import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { inTempDir } from '../support/farm-parts.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '..', '..');

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('a SIGTERM to npm start ends the service, its log server and all', async () => {
  await inTempDir(async (dataDir) => {
    const env = { ...process.env, CRAFTING_DATA_DIR: dataDir, CRAFTING_PORT: '0', CRAFTING_LOG_LEVEL: 'warn' };
    const npm = spawn('npm', ['start'], { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] });
    let said = '';
    npm.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const gone = once(npm, 'exit');
    await until(() => /crafting-table is at/.test(said), 'the service');
    const service = Number(readFileSync(join(dataDir, 'lock.pid'), 'utf8'));
    const server = Number(readFileSync(join(dataDir, 'nats', 'server.pid'), 'utf8'));
    assert.ok(alive(service) && alive(server));
    npm.kill('SIGTERM');
    await gone;
    await until(() => !alive(service) && !alive(server), 'the end of the service');
  });
});
