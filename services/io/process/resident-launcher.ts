import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { AppError } from '../../floor/app-error.ts';
import { claimUsers, type UserBlock } from './job-users.ts';
import type { Ending, Launched, Launcher, LaunchOrder } from './launcher.ts';
import { encodeFrame } from './launcher-frame.ts';
import { limitNames } from './run-request.ts';
import { readWaitStatus } from './wait-status.ts';

const script = fileURLToPath(new URL('launcher.pl', import.meta.url));

type Job = { started: PromiseWithResolvers<Launched>; ended: PromiseWithResolvers<Ending> };
type ResidentLauncher = Launcher & { readonly pid: number; readonly lost: boolean };

/**
 * Starts launcher.pl, which stays and starts the recipes: a fork of a small process costs less than half of a spawn from
 * here, and does not block the event loop. It dies with this process, and takes all jobs along.
 */
export async function openResidentLauncher(level: 'pid-namespace' | 'subreaper'): Promise<ResidentLauncher> {
  const users = level === 'pid-namespace' ? await claimUsers() : null;
  // Detached, so that a Ctrl-C on the terminal reaches the service only, which then ends the jobs in its own way.
  const child = spawn('perl', [script, level, ...(users ? [`${users.first}`, `${users.count}`] : [])], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  await once(child, 'spawn').catch((cause) => {
    users?.release();
    throw new AppError('unavailable', 'The launcher of recipes cannot be started.', { cause });
  });
  return attach(child, users);
}

function attach(child: ChildProcess, users: UserBlock | null): ResidentLauncher {
  const { stdin, stdout, pid } = child;
  if (!(stdin instanceof Socket) || !(stdout instanceof Socket) || pid === undefined) {
    throw new AppError('internal', 'The launcher of recipes has no pipes.');
  }
  const jobs = new Map<string, Job>();
  let lastId = 0;
  let lost = false;
  const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.once('close', () => users?.release());
  const send = (...fields: string[]) => void (lost || stdin.write(encodeFrame(fields)));
  // An idle launcher keeps no process alive that has nothing else to do.
  const keepAlive = () => (jobs.size > 0 ? stdout.ref() : stdout.unref());

  const finish = (id: string, use: (job: Job) => void) => {
    const job = jobs.get(id);
    jobs.delete(id);
    keepAlive();
    if (job) use(job);
  };
  const answers: Record<string, (id: string, rest: string[]) => void> = {
    started: (id, rest) => {
      try {
        const pipes = openPipes(pid, rest);
        const orders = { terminate: () => send('term', id), kill: () => send('kill', id) };
        const job = jobs.get(id);
        job?.started.resolve({ ...pipes, ...orders, ended: job.ended.promise });
      } catch (cause) {
        send('kill', id);
        jobs.get(id)?.started.reject(new AppError('unavailable', 'The output of a job cannot be read.', { cause }));
      }
      send('opened', id);
    },
    ended: (id, [status, word]) => {
      const ending = status === 'none' ? { exitCode: null, signal: 'SIGKILL' } : readWaitStatus(Number(status));
      const limit = limitNames.find((name) => name === word);
      finish(id, (job) => job.ended.resolve({ ...ending, ...(limit ? { limit } : {}) }));
    },
    failed: (id, [code, ...words]) => {
      const error = new AppError(code === 'invalid' ? 'invalid' : 'unavailable', words.join(' '));
      finish(id, (job) => {
        job.started.reject(error);
        job.ended.reject(error);
      });
    },
  };
  createInterface({ input: stdout }).on('line', (line) => {
    const [verb = '', id = '', ...rest] = line.split(' ');
    answers[verb]?.(id, rest);
  });
  const lose = () => {
    lost = true;
    const error = new AppError('unavailable', 'The launcher of recipes has ended.');
    for (const id of [...jobs.keys()]) {
      finish(id, (job) => {
        job.started.reject(error);
        job.ended.reject(error);
      });
    }
  };
  child.on('close', lose);
  child.on('error', lose);
  stdin.on('error', lose);
  child.unref();
  stdin.unref();
  stdout.unref();

  return {
    pid,
    get lost() {
      return lost;
    },
    ready: async () => {},
    launch(order: LaunchOrder) {
      const job: Job = { started: Promise.withResolvers(), ended: Promise.withResolvers() };
      // Whoever launches learns of a failure through either promise, never through an unhandled one.
      job.ended.promise.catch(() => {});
      if (lost) return Promise.reject(new AppError('unavailable', 'The launcher of recipes has ended.'));
      const id = String(++lastId);
      jobs.set(id, job);
      keepAlive();
      send('run', id, ...fieldsOf(order));
      return job.started.promise;
    },
    async close() {
      child.ref();
      stdout.ref();
      stdin.end();
      await gone;
    },
  };
}

/** An order as launcher.pl reads it. */
function fieldsOf({ command, cwd, env, limits = {}, confine = {} }: LaunchOrder): string[] {
  const { fileBytes, processes, cpuSecs, memoryBytes, disk } = limits;
  const { calls = '', user, own = [], seen = [], layers = [], covers = [], wrap = [], noInternet } = confine;
  const { reach = { read: [], write: [] } } = confine;
  const bounds = [fileBytes, processes, cpuSecs, memoryBytes, disk?.bytes].map((limit) => limit?.toString() ?? '');
  const laid = layers.flatMap(({ lower, upper, work, at }) => [lower, upper, work, at]);
  const lists = [own, seen, wrap, reach.read, reach.write, laid, covers].flatMap((list) => [
    String(list.length),
    ...list,
  ]);
  return [
    cwd,
    command,
    ...bounds,
    noInternet ? 'no' : '',
    calls,
    user?.toString() ?? '',
    ...lists,
    ...Object.entries(env).flat(),
  ];
}

/**
 * Opens the pipes that the launcher holds, for reading: real pipes, where node's own spawn would give sockets, which
 * break `echo x > /dev/stderr` in recipes.
 */
function openPipes(pid: number, [stdout, stderr]: string[]): { stdout: Socket; stderr: Socket } {
  const open = (fd = '') => {
    const file = openSync(`/proc/${pid}/fd/${fd}`, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd: file, readable: true, writable: false });
  };
  const first = open(stdout);
  try {
    return { stdout: first, stderr: open(stderr) };
  } catch (error) {
    first.destroy();
    throw error;
  }
}
