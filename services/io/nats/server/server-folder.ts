import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../floor/app-error.ts';
import { childEnvironment } from '../../../floor/child-environment.ts';
import type { Log } from '../../log.ts';
import { farmAccount } from '../accounts/account-subjects.ts';

/** Where a server in this folder keeps the messages of a stream. */
export function messagesDir(dir: string, stream: string): string {
  return join(dir, 'jetstream', farmAccount, 'streams', stream, 'msgs');
}

/**
 * Earlier versions kept everything in the server's global account, `$G`; now it lies in an account of its own. Only the
 * folder's name says whose the streams are. Throws AppError('conflict') when both hold streams.
 */
export function moveGlobalAccount(dir: string, log: Log): void {
  const store = join(dir, 'jetstream');
  const [old, now] = [join(store, '$G'), join(store, farmAccount)];
  if (!holdsStreams(old)) return;
  if (holdsStreams(now))
    throw new AppError(
      'conflict',
      `Two logs lie in ${store}: $G and ${farmAccount}. Move the one away that is not to be used.`,
    );
  rmSync(now, { recursive: true, force: true });
  renameSync(old, now);
  const fd = openSync(store, 'r');
  fsyncSync(fd);
  closeSync(fd);
  log.info({ from: old, to: now }, 'the log moved into an account of its own');
}

function holdsStreams(account: string): boolean {
  const streams = join(account, 'streams');
  return existsSync(streams) && readdirSync(streams).length > 0;
}

/** The port that the running server has written down. */
export function portOf(dir: string): number | undefined {
  const pid = serverPid(dir);
  if (!pid) return undefined;
  const file = readdirSync(dir).find((name) => name.endsWith(`_${pid}.ports`));
  if (!file) return undefined;
  try {
    const ports = JSON.parse(readFileSync(join(dir, file), 'utf8')) as { nats?: string[]; tls?: string[] };
    const url = ports.nats?.[0] ?? ports.tls?.[0] ?? '';
    return Number(/:(\d+)$/.exec(url)?.[1]) || undefined;
  } catch {
    return undefined;
  }
}

/** The process id that the running server has written down. */
export function serverPid(dir: string): number | undefined {
  try {
    return Number(readFileSync(join(dir, 'server.pid'), 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

/**
 * Two servers on one store destroy each other's data. We hold the lock of the data folder, so a server that still runs
 * on this store belongs to a dead service: it is on its way out, or is ended now.
 */
export async function endStaleServer(dir: string, log: Log): Promise<void> {
  const pid = serverPid(dir);
  const ours = () => pid !== undefined && commandOf(pid).includes(dir);
  for (let tries = 0; pid && tries < 2000 && ours(); tries += 1) {
    if (tries === 100) log.warn({ pid }, 'a nats-server of a dead service holds the store, stopping it');
    if (tries === 100) process.kill(pid, 'SIGTERM');
    if (tries === 1200) process.kill(pid, 'SIGKILL');
    await wait(10);
  }
}

/** Removes what names a server that is gone. */
export function forgetServer(dir: string): void {
  for (const name of readdirSync(dir))
    if (name === 'server.pid' || name.endsWith('.ports')) rmSync(join(dir, name), { force: true });
}

function commandOf(pid: number): string {
  try {
    return existsSync('/proc/self')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-p', String(pid), '-o', 'command='], {
          encoding: 'utf8',
          env: childEnvironment(process.env),
        });
  } catch {
    return '';
  }
}
