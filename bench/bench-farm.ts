import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type Answer = {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
};

/** A farm in a process of its own, and a client of it. */
export type BenchFarm = {
  readonly url: string;
  readonly bearer: string;
  readonly pid: number;
  ask(method: string, path: string, body?: unknown, bearer?: string): Promise<Answer>;
  close(): Promise<void>;
};

export type BenchFarmOptions = {
  readonly dir: string;
  readonly withoutGit?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeFlags?: readonly string[];
  /** The checkout whose farm is started; this one, unless told. */
  readonly checkout?: string;
};

/** A folder that is removed when the work is over. */
export async function inFolder<T>(work: (dir: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(join(tmpdir(), 'ct-bench-'));
  try {
    return await work(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Starts the farm whole, all roles, with the durable embedded log, and without a rate limit that could matter. */
export async function startBenchFarm({
  dir,
  withoutGit = false,
  env = {},
  nodeFlags = [],
  checkout = join(import.meta.dirname, '..'),
}: BenchFarmOptions) {
  const flags = process.env['BENCH_NODE_FLAGS']?.split(' ') ?? [];
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=4',
      ...flags,
      ...nodeFlags,
      join(checkout, 'bench', 'farm-child.ts'),
      ...(withoutGit ? ['--without-git'] : []),
    ],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        CRAFTING_SANDBOX: process.env['CRAFTING_SANDBOX'],
        CRAFTING_DATA_DIR: dir,
        CRAFTING_PORT: '0',
        CRAFTING_ALLOW_LOCAL_REPOS: '1',
        CRAFTING_RATE_LIMIT: '10000000',
        ...env,
      },
    },
  );
  const url = await firstLine(child);
  const bearer = readFileSync(join(dir, 'admin-bearer.txt'), 'utf8').trim();
  const agent = new Agent({ keepAlive: true });
  return {
    url,
    bearer,
    pid: child.pid ?? 0,
    ask: (method: string, path: string, body?: unknown, as = bearer) => ask(agent, url + path, method, as, body),
    close: async () => {
      agent.destroy();
      if (child.exitCode !== null) return;
      const gone = once(child, 'exit');
      child.stdin?.end();
      await gone;
    },
  } satisfies BenchFarm;
}

/** Asks and throws when the answer is not a success. */
export async function askFor<T>(farm: BenchFarm, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await farm.ask(method, path, body);
  if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`);
  return JSON.parse(answer.body) as T;
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('the farm has no standard output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the farm did not start');
}

function ask(agent: Agent, url: string, method: string, bearer: string, body: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${bearer}`, ...(body ? { 'content-type': 'application/json' } : {}) };
    const asked = request(url, { agent, method, headers }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts).toString() }),
      );
    });
    asked.on('error', reject);
    asked.end(body ? JSON.stringify(body) : undefined);
  });
}
