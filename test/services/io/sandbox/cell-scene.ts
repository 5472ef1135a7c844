import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Network } from '../../../../events/projects/project.ts';
import type { SandboxLevel } from '../../../../services/floor/sandbox-level.ts';
import { openProcesses, type Processes } from '../../../../services/io/process/open-processes.ts';
import type { Containment, RunRequest } from '../../../../services/io/process/run-request.ts';
import { openSandbox } from '../../../../services/io/sandbox/open-sandbox.ts';
import { openJobHomes } from '../../../../services/runner/home/job-home.ts';
import { gather } from '../process/watched-processes.ts';

export type Trial = Partial<RunRequest> & { network?: Network; owner?: string; isPrivate?: boolean };

export type Scene = Awaited<ReturnType<typeof openScene>>;

/** Whether a level works on this machine: null, or why not. */
export async function levelTrouble(level: SandboxLevel, containment?: Containment): Promise<string | null> {
  const processes = await openProcesses(containment ? { containment } : {});
  try {
    const found = await openSandbox({ ...nowhere, want: level, processes, env: baseEnv });
    await found.close();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await processes.close();
  }
}

const nowhere = { cacheDir: tmpdir(), own: [], show: [] };
const baseEnv = { PATH: '/usr/local/bin:/usr/bin:/bin' };

/** A farm's folders, a victim with a secret in its environment, and listeners: what a hostile job would go for. */
export async function openScene(level: SandboxLevel, containment?: Containment) {
  const dir = await mkdtemp(join(tmpdir(), 'ct-cell-'));
  const at = (...path: string[]) => join(dir, ...path);
  const files = {
    'data/secret.key': 'key',
    'data/admin-bearer.txt': 'bearer',
    'workspace/slots/a/1/tree/source.txt': 'mine',
    'workspace/slots/b/1/tree/source.txt': 'theirs',
    'workspace/mirrors/a/objects/pack': 'objects',
    'workspace/mirrors/a/config': 'config',
    'caches/owners/b/kept': 'theirs',
    'elsewhere/id': 'private',
    'tools/tool': '',
  };
  for (const [name, text] of Object.entries(files)) {
    // As the farm keeps its own: for its user alone.
    const isClosed = /^(?:data|elsewhere)/.test(name);
    await mkdir(join(dir, name, '..'), { recursive: true, mode: isClosed ? 0o700 : 0o755 });
    await writeFile(join(dir, name), text, { mode: isClosed ? 0o600 : 0o644 });
  }
  // A folder that others may not pass is no place for the jobs of root, unless the kernel shows them theirs elsewhere.
  if (containment !== undefined) await chmod(dir, 0o711);
  const mark = `VICTIM_SECRET=${randomUUID()}`;
  const victim = spawn('sleep', ['600'], { env: { VICTIM_SECRET: mark.slice(14) }, stdio: 'ignore' });
  const listeners = [await listen(0), await listen(at('engine.sock')), await listen(`\0${at('engine.sock')}`)];
  const address = listeners[0]?.address();
  if (typeof address !== 'object' || address === null) throw new Error('nobody listens');
  const { port } = address;
  const processes: Processes = await openProcesses(containment ? { containment } : {});
  const env = baseEnv;
  const farm = { cacheDir: at('caches'), own: [at('data'), at('workspace')], show: [at('tools')] };
  const sandbox = await openSandbox({ ...farm, want: level, processes, env });
  const { hasLayers, homeSeenAt: seenAt } = sandbox;
  const onTrouble = (error: unknown) => assert.ifError(error);
  const homes = openJobHomes({ dir: at('workspace', 'homes'), cacheDir: at('caches'), hasLayers, onTrouble });
  const tree = at('workspace', 'slots', 'a', '1', 'tree');
  const places: Record<string, string> = {
    DATA: at('data'),
    OTHER: at('workspace', 'slots', 'b', '1', 'tree'),
    MIRROR: at('workspace', 'mirrors', 'a'),
    ELSEWHERE: at('elsewhere'),
    TOOLS: at('tools'),
    CACHES: at('caches'),
    CACHE: at('caches', 'owners', 'a'),
    SOCKET: at('engine.sock'),
    TREE: sandbox.treeSeenAt ?? tree,
    MARK: mark,
    VICTIM: String(victim.pid),
    PORT: String(port),
  };
  const placed = (command: string) =>
    command.replace(
      /\b(?:DATA|OTHER|MIRROR|ELSEWHERE|TOOLS|CACHES|CACHE|SOCKET|TREE|MARK|VICTIM|PORT)\b/g,
      (word) => places[word] ?? '',
    );
  const denied: string[] = [];
  /** Runs a command as a job of the tree `a`. */
  const run = async (command: string, trial: Trial = {}) => {
    const { network = 'on', limits = {}, owner = 'a', isPrivate = false, ...more } = trial;
    const { processes: tasks = 512, memoryBytes = 2 ** 30 } = limits;
    const place = homes.make({ owner, isPrivate, seenAt });
    const disk = limits.disk && { ...limits.disk, dirs: [...limits.disk.dirs, place.dir], growing: [place.caches] };
    const order = { ...place, tree, cwd: tree, read: [at('workspace/mirrors/a/objects')], network };
    const onDenied = (what: string) => void denied.push(what);
    const cell = await sandbox.prepare({ ...order, processes: tasks, memoryBytes, onDenied });
    try {
      const request = { command: placed(command), cwd: tree, ...(cell.confine ? { confine: cell.confine } : {}) };
      return await gather(processes, {
        ...request,
        ...more,
        limits: { processes: tasks, ...limits, ...(disk ? { disk } : {}) },
        env: { ...env, ...place.env, ...more.env, ...cell.env },
      });
    } finally {
      await cell.release();
      place.release();
    }
  };
  const close = async () => {
    await homes.close();
    await sandbox.close();
    await processes.close();
    victim.kill('SIGKILL');
    for (const one of listeners) one.close();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  return { dir, tree, port, run, denied, processes, sandbox, homes, close };
}

async function listen(where: number | string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).end('reached'));
  if (typeof where === 'number') server.listen(where, '127.0.0.1');
  else server.listen(where);
  await once(server, 'listening');
  return server;
}
