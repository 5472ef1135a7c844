import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../services/config.ts';
import { type Log, silent } from '../../services/io/log.ts';
import { probeContainment } from '../../services/io/process/probe-containment.ts';
import type { Parts } from '../../services/role-deps.ts';
import { type Farm, start } from '../../services/start.ts';
import { heldToItsSchema } from './documented-answers.ts';
import { makeRepository } from './git-repository.ts';
import { type Http, httpAt } from './http.ts';
import { judgeHere } from './judge-here.ts';

/** Tried once for all farms of a process: it takes five programs. */
const containment = await probeContainment();

export type TestFarm = Omit<Farm, 'url'> & {
  readonly url: string;
  /** A folder of the test's own: `data` is the farm's, `repository` a git repository of one commit. */
  readonly dir: string;
  readonly dataDir: string;
  readonly repository: string;
  /** The admin's bearer, and requests that carry it unless told otherwise. */
  readonly admin: string;
  readonly http: Http;
  /** Ends the service and leaves the folder; `close` removes it too. */
  stop(): Promise<void>;
};

export type FarmSettings = {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  /** Parts of the test's own, such as its clock. */
  readonly parts?: Parts;
  /** Our own log; nobody hears it unless told. */
  readonly logger?: Log;
};

/** Starts the real service on a free port, in a temporary folder, with a repository of these files on `main`. */
export async function openFarm({ env = {}, files, parts = {}, logger = silent }: FarmSettings = {}): Promise<TestFarm> {
  const dir = await mkdtemp(join(tmpdir(), 'ct-farm-'));
  // Jobs of a farm that root started are another user, and look for marks that tests leave here.
  await chmod(dir, 0o711);
  try {
    const repository = makeRepository(join(dir, 'repository'), files);
    const farm = await startIn(dir, env, parts, logger);
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= farm.close();
      return stopping;
    };
    const close = async () => {
      await stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    };
    return { ...farm, dir, dataDir: join(dir, 'data'), repository, stop, close };
  } catch (error) {
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    throw error;
  }
}

/** A farm for the time of some work. */
export async function withFarm<T>(work: (farm: TestFarm) => Promise<T>, settings: FarmSettings = {}): Promise<T> {
  const farm = await openFarm(settings);
  try {
    return await work(farm);
  } finally {
    await farm.close();
  }
}

/** Starts the service on the data folder that is in `dir`, as a restart does; closing it leaves the folder. */
export async function startIn(dir: string, env: Record<string, string> = {}, parts: Parts = {}, logger: Log = silent) {
  // Fifteen programs for each farm, of which a test needs none.
  const farm = await start(testConfig(dir, env), logger, {
    findLabels: async () => [],
    onAnswer: heldToItsSchema,
    judge: judgeHere,
    // A farm of some roles is no farm in trouble: on a slow machine its api would begin to read the logs of made-up jobs.
    farmTimes: { everyMs: 5_000, patienceMs: Number.POSITIVE_INFINITY },
    ...parts,
  });
  const { url, adminBearerFile } = farm;
  if (url === null || adminBearerFile === null) throw new Error('the farm has no role api');
  const admin = (await readFile(adminBearerFile, 'utf8')).trim();
  return { ...farm, url, admin, http: httpAt(url, admin) };
}

export function testConfig(dir: string, env: Record<string, string> = {}) {
  return readConfig({
    CRAFTING_DATA_DIR: join(dir, 'data'),
    CRAFTING_PORT: '0',
    CRAFTING_ALLOW_LOCAL_REPOS: '1',
    // Recipes of tests leave marks outside of their trees; test/services/io/sandbox is about what they then cannot.
    CRAFTING_SANDBOX: 'none',
    ...((env['CRAFTING_SANDBOX'] ?? 'none') === 'none' ? { CRAFTING_SANDBOX_SHOW: tmpdir() } : {}),
    CRAFTING_PATCHER_PROOF: 'open',
    CRAFTING_RATE_LIMIT: '1000000',
    CRAFTING_CONTAINMENT: containment,
    ...env,
  });
}
