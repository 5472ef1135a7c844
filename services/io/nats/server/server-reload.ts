import type { ChildProcess } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { AppError, messageOf } from '../../../floor/app-error.ts';
import { childEnvironment } from '../../../floor/child-environment.ts';
import { runProgram } from '../../programs/run-program.ts';
import { serverPid } from './server-folder.ts';

/** How long the server may take to read its configuration again, in ms. */
const patience = 10_000;

/**
 * Puts another configuration in the place of the one that is there, if it is without fault: all or nothing, readable by
 * us alone. Throws AppError('internal') with the server's own words.
 */
export async function replaceConfig(program: string, file: string, text: string): Promise<void> {
  const next = `${file}.next`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode: 0o600 });
  try {
    await runProgram(program, ['-t', '-c', next], { timeoutMs: patience, env: childEnvironment(process.env) });
  } catch (cause) {
    rmSync(next, { force: true });
    const said = String((cause as { stderr?: string }).stderr ?? '').trim() || messageOf(cause);
    throw new AppError('internal', `nats-server would not take the new configuration: ${said.slice(0, 500)}`, {
      cause,
    });
  }
  renameSync(next, file);
}

/**
 * Has a running server read its configuration again; resolves when it has. One that has ended reads it when it is
 * started again. Throws AppError('unavailable') when it keeps to the old one.
 */
export async function reloadServer(child: ChildProcess, dir: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said = '';
  const refused = () =>
    new AppError(
      'unavailable',
      `nats-server did not take the new configuration: ${said.trim().slice(-500) || 'it said nothing'}.`,
    );
  const listen = (text: string) => {
    said = (said + text).slice(-10_000);
    if (/Reloaded server configuration/.test(said)) resolve();
    else if (/Failed to reload server configuration.*\n/.test(said)) reject(refused());
  };
  const timer = setTimeout(() => reject(refused()), patience);
  child.stderr?.on('data', listen);
  child.once('exit', resolve);
  try {
    const pid = serverPid(dir);
    if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(pid, 'SIGHUP');
    await promise;
  } catch (error) {
    // It ended in this moment.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  } finally {
    clearTimeout(timer);
    child.stderr?.off('data', listen);
    child.off('exit', resolve);
  }
}
