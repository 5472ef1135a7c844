import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileCache } from '../support/compile-cache.ts';
import { makeRepository } from '../support/git-repository.ts';
import { pace } from '../support/pace.ts';
import { until } from '../support/until.ts';

const main = join(import.meta.dirname, '..', '..', 'services', 'main.ts');

export type Service = {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it printed so far, both streams. */
  readonly said: () => string;
  call(path: string, body?: unknown, method?: string): Promise<{ status: number; body: Record<string, unknown> }>;
  /** Every event of the log, as GET /events shows them. */
  events(): Promise<LoggedEvent[]>;
  /** Sends a signal; resolves when the service is gone, with its exit code. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
};

export type LoggedEvent = { seq: number; type: string; subject: string; data: Record<string, unknown> };

/** Runs the service's own main file, or another that starts it, on a data folder. */
export function spawnService(dataDir: string, env: Record<string, string> = {}, program = main) {
  const child = spawn(process.execPath, [program], {
    cwd: dataDir,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: dataDir,
      NODE_COMPILE_CACHE: compileCache,
      CRAFTING_DATA_DIR: dataDir,
      CRAFTING_PORT: '0',
      CRAFTING_ALLOW_LOCAL_REPOS: '1',
      CRAFTING_SANDBOX: 'none',
      ...((env['CRAFTING_SANDBOX'] ?? 'none') === 'none' ? { CRAFTING_SANDBOX_SHOW: tmpdir() } : {}),
      CRAFTING_DRAIN_SECS: '0',
      CRAFTING_SLOTS: '4',
      CRAFTING_RATE_LIMIT: '10000000',
      CRAFTING_LOG_FORMAT: 'json',
      CRAFTING_LOG_LEVEL: 'warn',
      ...(program === main ? {} : { CRAFTING_TEST_PACE: String(pace()) }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  return { child, said: () => said };
}

/** The same, once it answers. Rejects with its words when it ends first. */
export async function startService(
  dataDir: string,
  env: Record<string, string> = {},
  program = main,
): Promise<Service> {
  const { child, said } = spawnService(dataDir, env, program);
  const exited = once(child, 'exit');
  const urlIn = () => /crafting-table is at (\S+)/.exec(said())?.[1];
  await until(() => urlIn() !== undefined || child.exitCode !== null, 'the service').catch((error) => {
    // One that is left behind would keep the test from ending, and with it the word of what went wrong.
    child.kill('SIGKILL');
    throw error;
  });
  const url = urlIn();
  if (url === undefined) throw new Error(`the service ended: ${said()}`);
  const bearer = readFileSync(join(dataDir, 'admin-bearer.txt'), 'utf8').trim();
  const headers = { authorization: `Bearer ${bearer}` };
  return {
    child,
    url,
    said,
    call: async (path, body, method = body === undefined ? 'GET' : 'POST') => {
      const answer = await fetch(url + path, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    events: async () => {
      const answer = await fetch(`${url}/events`, { headers });
      const lines = (await answer.text()).split('\n').filter(Boolean);
      return lines.map((line) => JSON.parse(line) as LoggedEvent);
    },
    end: async (signal) => {
      child.kill(signal);
      await exited;
      return child.exitCode ?? child.signalCode;
    },
  };
}

/** A repository beside the data folder, registered as project `p` with one test command. */
export async function registerProject(service: Service, dir: string, test: string, more: object = {}): Promise<void> {
  const repository = makeRepository(join(dir, `repository-${Date.now()}`));
  const subprojects = [{ path: '.', language: 'generic', test, timeout_secs: 60 }];
  const { status, body } = await service.call('/projects', { name: 'p', git_url: repository, subprojects, ...more });
  if (status !== 201) throw new Error(`not registered: ${status} ${JSON.stringify(body)}`);
}

/** Asks for one job; its id when the service acknowledged it, null when it was gone before it answered. */
export async function postJob(service: Service, project = 'p'): Promise<string | null> {
  try {
    const { status, body } = await service.call(`/projects/${project}/jobs`, { recipe: 'test' });
    return status === 202 ? String(body.job_id) : null;
  } catch {
    return null;
  }
}

export type JobShown = { job_id: string; status: string; reason: string; exit_code: number | null; signal: string };

export async function jobOf(service: Service, id: string): Promise<JobShown | null> {
  const { status, body } = await service.call(`/jobs/${id}`);
  if (status !== 200 && status !== 404) throw new Error(`GET /jobs/${id}: ${status}`);
  return status === 200 ? (body.job as JobShown) : null;
}

/** Resolves when every one of these jobs has come to its end. */
export async function whenEnded(service: Service, ids: readonly string[]): Promise<JobShown[]> {
  const ends = new Map<string, JobShown>();
  await until(
    async () => {
      for (const id of ids.filter((one) => !ends.has(one))) {
        const job = await jobOf(service, id);
        if (job === null) throw new Error(`the acknowledged job ${id} is not there`);
        if (['succeeded', 'failed', 'cancelled'].includes(job.status)) ends.set(id, job);
      }
      return ends.size >= ids.length;
    },
    `the end of the jobs ${ids.filter((one) => !ends.has(one)).join(', ')}`,
  );
  return [...ends.values()];
}

/** The living processes whose arguments hold this text, the caller's own apart. */
export function processesWith(text: string): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(text));
}

function commandOf(pid: string): string {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'latin1');
    if (/\) [ZX] /.test(state)) return '';
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
