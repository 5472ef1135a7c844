import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

/** A nats-server of nobody's own, for the time of some work: several farms may share it, without credentials. */
export async function withSharedNats(work: (url: string) => Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'ct-shared-nats-'));
  const args = ['-a', '127.0.0.1', '-p', '-1', '-js', '-sd', join(dir, 'store'), '--ports_file_dir', dir];
  const child = spawn('nats-server', args, { cwd: dir, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  try {
    const url = await until(() => {
      const name = readdirSync(dir).find((one) => one.endsWith('.ports'));
      const text = name === undefined ? '' : readFileSync(join(dir, name), 'utf8');
      return text.endsWith('}') ? (JSON.parse(text).nats[0] as string) : null;
    });
    await work(url);
  } finally {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}
