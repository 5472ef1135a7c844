import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants as os } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { encodeFrame } from '../process/launcher-frame.ts';
import { readWaitStatus } from '../process/wait-status.ts';
import { type ProgramOrder, type ProgramStarter, type Started, startFromHere } from './start-program.ts';

const script = fileURLToPath(new URL('starter.pl', import.meta.url));

type Waiting = { started: PromiseWithResolvers<Started>; ended: PromiseWithResolvers<number | null> };
type Resident = { readonly start: ProgramStarter; readonly lost: () => boolean };

/**
 * Starts programs through starter.pl, a small process that stays: a fork of it costs a fraction of one from here, and does not
 * block the event loop. One serves the whole process, from the first program on; it is started anew when somebody has killed
 * it, and where it cannot be had programs start from here.
 */
export const startResidently: ProgramStarter = async (order) => {
  const seen = resident;
  const found = await seen;
  // Of several that find it lost at once, one starts the next.
  if (resident === seen && (found === undefined || found?.lost())) resident = openResident();
  const now = await resident;
  return now ? now.start(order) : startFromHere(order);
};

/** Undefined before the first program, null where there is no perl or no /proc. */
let resident: Promise<Resident | null> | undefined;

async function openResident(): Promise<Resident | null> {
  // Detached, so that a Ctrl-C on the terminal reaches the service only.
  const child = spawn('perl', [script], {
    cwd: '/',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const begun = await once(child, 'spawn').catch(() => null);
  return begun && process.platform === 'linux' ? attach(child) : null;
}

function attach(child: ChildProcess): Resident | null {
  const { stdin, stdout, pid } = child;
  if (!(stdin instanceof Socket) || !(stdout instanceof Socket) || pid === undefined) return null;
  const programs = new Map<string, Waiting>();
  let lastId = 0;
  let lost = false;
  const send = (...fields: string[]) => void (lost || stdin.write(encodeFrame(fields)));
  const take = (id: string): Waiting | undefined => {
    const program = programs.get(id);
    programs.delete(id);
    // An idle starter keeps no process alive that has nothing else to do.
    if (programs.size === 0) stdout.unref();
    return program;
  };
  const fail = (id: string, error: Error) => {
    const program = take(id);
    program?.started.reject(error);
    program?.ended.reject(error);
  };
  const answers: Record<string, (id: string, rest: string[]) => void> = {
    started: (id, [group, ...ends]) => {
      const program = programs.get(id);
      try {
        program?.started.resolve({ pid: Number(group), ...openPipes(pid, ends), ended: program.ended.promise });
      } catch (cause) {
        process.kill(-Number(group), 'SIGKILL');
        fail(id, new Error('The output of a program cannot be read.', { cause }));
      }
      send('opened', id);
    },
    ended: (id, [status]) => take(id)?.ended.resolve(readWaitStatus(Number(status)).exitCode),
    failed: (id, [errno]) => {
      const code = Object.entries(os.errno).find(([, number]) => number === Number(errno))?.[0] ?? 'EUNKNOWN';
      fail(id, Object.assign(new Error(`The program could not be started: ${code}.`), { code }));
    },
  };
  createInterface({ input: stdout }).on('line', (line) => {
    const [verb = '', id = '', ...rest] = line.split(' ');
    answers[verb]?.(id, rest);
  });
  const lose = () => {
    lost = true;
    for (const id of [...programs.keys()]) fail(id, new Error('The starter of programs has ended.'));
  };
  for (const [source, event] of [
    [child, 'close'],
    [child, 'error'],
    [stdin, 'error'],
  ] as const)
    source.on(event, lose);
  child.unref();
  stdin.unref();
  stdout.unref();

  const start = (order: ProgramOrder) => {
    const program: Waiting = { started: Promise.withResolvers(), ended: Promise.withResolvers() };
    // Who starts a program learns of a failure through either promise, never through an unhandled one.
    program.ended.promise.catch(() => {});
    const id = String(++lastId);
    programs.set(id, program);
    stdout.ref();
    if (lost) lose();
    send('run', id, ...fieldsOf(order));
    return program.started.promise;
  };
  return { start, lost: () => lost };
}

/** An order as starter.pl reads it. */
const fieldsOf = ({ command, args, cwd, env, hasInput }: ProgramOrder): string[] => {
  const words = [command, ...args];
  return [hasInput ? '1' : '', cwd, String(words.length), ...words, ...Object.entries(env).flat()];
};

/** Opens the ends of the pipes that the starter holds for us. */
function openPipes(pid: number, [out, err, input]: string[]): Pick<Started, 'stdin' | 'stdout' | 'stderr'> {
  const open = (fd: string | undefined, way: number) => openSync(`/proc/${pid}/fd/${fd}`, way | constants.O_NONBLOCK);
  const opened: Socket[] = [];
  const reading = (fd?: string) => {
    const socket = new Socket({ fd: open(fd, constants.O_RDONLY), readable: true, writable: false });
    opened.push(socket);
    return socket;
  };
  try {
    const [stdout, stderr] = [reading(out), reading(err)];
    const stdin =
      input === '-' ? null : new Socket({ fd: open(input, constants.O_WRONLY), readable: false, writable: true });
    return { stdin, stdout, stderr };
  } catch (error) {
    for (const socket of opened) socket.destroy();
    throw error;
  }
}
