import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { AppError } from '../../floor/app-error.ts';
import { runProgram } from '../programs/run-program.ts';

/** Users of one process alone, for jobs: `count` numbers from `first` on. */
export type UserBlock = {
  readonly first: number;
  readonly count: number;
  /** The user of whatever is one owner's alone, the same in every process: not of the block. */
  ofOwner(owner: string): number;
  release(): void;
};

type Range = { first: number; count: number; blocks: number; owners: number };

/** Far from the numbers that systems give out; and within the 65,536 that a container of a user has. */
const wide: Range = { first: 1_890_000_000, count: 500, blocks: 2000, owners: 100_000_000 };
const narrow: Range = { first: 60_600, count: 100, blocks: 20, owners: 2_900 };
const endOf = ({ first, count, blocks, owners }: Range) => first + count * blocks + owners;

/** The first line of /proc/self/uid_map: the number that our 0 has outside, and how many numbers there are; see user_namespaces(7). */
function knownUsers(): { outside: number; count: number } {
  const [, outside = 0, count = 0] = readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/).map(Number);
  return { outside, count };
}

/**
 * Whether jobs with the user of this process would be the machine's root. One that is called root by a namespace which
 * knows nobody else is somebody else outside of it.
 */
export function isMachineRoot(): boolean {
  if (process.getuid?.() !== 0) return false;
  const { outside, count } = knownUsers();
  return outside === 0 || rangeOf(count) !== undefined;
}

function rangeOf(known: number): Range | undefined {
  return [wide, narrow].find((range) => endOf(range) <= known);
}

/**
 * Claims numbers that no other process of this machine has, for as long as this one lives: the name of a socket is the claim,
 * and goes with its process. Null when this process is not root, or when there are none.
 */
export async function claimUsers(): Promise<UserBlock | null> {
  const range = process.getuid?.() === 0 ? rangeOf(knownUsers().count) : undefined;
  if (!range) return null;
  for (let block = 0; block < range.blocks; block += 1) {
    const claim = await bind(`\0crafting-table-users-${range.first}-${block}`);
    if (claim === null) continue;
    const { first, count, blocks, owners } = range;
    return {
      first: first + block * count,
      count,
      ofOwner: (owner) =>
        first + count * blocks + (createHash('sha256').update(owner).digest().readUInt32BE() % owners),
      release: claim,
    };
  }
  return null;
}

/** Takes a name in the abstract namespace of sockets; null when somebody has it. */
function bind(name: string): Promise<(() => void) | null> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve) => {
    server.once('error', () => resolve(null));
    server.listen(name, () => {
      server.unref();
      resolve(() => void server.close());
    });
  });
}

/**
 * Gives what lies at these paths to a user for good, links themselves and not what they lead to: only ever folders that the
 * farm made for this user, since nobody gives anything back. AppError('unavailable').
 */
export async function giveToUser(user: number, paths: readonly string[]): Promise<void> {
  if (paths.length > 0) await change('chown', ['-hR', `${user}:${user}`], paths);
}

/** Lets every user read what the farm keeps at these paths, and write none of it. AppError('unavailable'). */
export async function letRead(paths: readonly string[]): Promise<void> {
  await change('chmod', ['-R', 'o+rX'], paths);
}

async function change(program: 'chown' | 'chmod', how: readonly string[], paths: readonly string[]): Promise<void> {
  const env = { PATH: '/usr/bin:/bin' };
  await runProgram(program, [...how, '--', ...paths], { env, timeoutMs: 600_000 }).catch((cause) => {
    throw new AppError('unavailable', "The job's files cannot be given to its user.", { cause });
  });
}
