import type { JobEnqueuedData } from '../../../events/jobs/job.ts';
import { AppError } from '../../floor/app-error.ts';
import { isMaskable } from '../../floor/text/redactor.ts';
import type { Checkout } from '../../io/git/trees/checkout.ts';
import type { Report } from '../../io/log-stream.ts';
import type { RunRequest } from '../../io/process/run-request.ts';
import type { Cell, CellOrder, Sandbox } from '../../io/sandbox/open-sandbox.ts';
import { hasEmptyCaches, limitsOf, planConfinement } from '../../jobs/rules/plan-confinement.ts';
import { watchProof } from '../proof-watch.ts';
import type { JobHomes } from './job-home.ts';
import type { JobSecrets } from './job-secrets.ts';

const megabyte = 2 ** 20;

export type CellDeps = {
  readonly sandbox: Sandbox;
  readonly homes: JobHomes;
  /** What the operator lets jobs have of the service's environment. */
  readonly jobEnv: Readonly<Record<string, string>>;
  readonly maxLogBytes: number;
  /** What every recipe starts from. */
  readonly environment?: Readonly<Record<string, string>>;
};

/** How one job is shut in, decided before anything is done for it. */
export type CellPlan = ReturnType<typeof planConfinement> & { readonly secrets: Readonly<Record<string, string>> };

/** The plan for a job, with the secrets that it gets: what it prints is cleaned of them. */
export function planCell(
  data: JobEnqueuedData,
  { sandbox, jobEnv }: Pick<CellDeps, 'sandbox' | 'jobEnv'>,
  given: JobSecrets = { values: {}, notes: [] },
): CellPlan {
  const plan = planConfinement(data, sandbox.level);
  if ('refused' in plan) return { ...plan, secrets: {} };
  const isGiven = (name: string) => Object.hasOwn(jobEnv, name);
  const absent = plan.envFrom.filter((name) => !isGiven(name));
  const secrets = Object.fromEntries(plan.envFrom.filter(isGiven).map((name) => [name, jobEnv[name] ?? '']));
  const notes = absent.map(
    (name) => `env_from names ${name}, which this runner does not give to jobs (CRAFTING_JOB_ENV)`,
  );
  const short = Object.entries(secrets).filter(([, value]) => !isMaskable(value));
  const shown = short.map(
    ([name]) => `${name} is too short to be kept out of this log: it has fewer than six characters`,
  );
  return {
    ...plan,
    notes: [...plan.notes, ...notes, ...shown, ...given.notes],
    secrets: { ...secrets, ...given.values },
  };
}

export type PreparedCell = {
  readonly order: Pick<RunRequest, 'limits' | 'confine' | 'maxOutputBytes'>;
  /** What the job's own variables go over, and what goes over them. */
  readonly base: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Its HOME and the folder that goes with it, as they lie on the disk. */
  readonly places: { readonly home: string; readonly dir: string };
  /** Another sandbox over the same folders. */
  again(other: Pick<CellOrder, 'network' | 'sockets' | 'cwd'>): Promise<Cell>;
  /** What is to be said in the job's log. */
  readonly notes: readonly string[];
  /** What the runners of its tests said, where they are watched; before `release`, when its processes have ended. */
  watched(): Promise<Report | null>;
  release(): Promise<void>;
};

type Place = {
  checkout: Checkout;
  cwd: string;
  /** Whether others may read what the job downloads: somebody has looked at what it runs. */
  isReviewed: boolean;
  say: (text: string) => void;
};

/** Makes the place that a job runs in. AppError of reason `sandbox_missing` when this runner has none that is good enough. */
export async function prepareCell(
  data: JobEnqueuedData,
  plan: CellPlan,
  { checkout, cwd, isReviewed, say }: Place,
  { sandbox, homes, maxLogBytes, environment = {} }: CellDeps,
): Promise<PreparedCell> {
  if ('refused' in plan) throw new AppError('unavailable', plan.refused, { name: 'sandbox_missing' });
  const limits = limitsOf(data);
  const isPrivate = !isReviewed;
  const place = homes.make({ owner: data.owner, isPrivate, isEmpty: hasEmptyCaches(data), seenAt: sandbox.homeSeenAt });
  const { dir, home, caches, layers } = place;
  const seenHome = place.env['HOME'] ?? home;
  const watch = await watchProof(data, { home, seenHome, cwd, inherited: environment }).catch((error) => {
    place.release();
    throw error;
  });
  const order = {
    tree: checkout.dir,
    ...{ cwd, dir, home, caches, layers },
    read: [checkout.objects, ...(watch?.read ?? [])],
    network: plan.network,
    processes: limits.processes,
    memoryBytes: limits.memory_mb * megabyte,
    onDenied: (what: string) => say(`network: ${what}`),
  };
  const cell = await sandbox.prepare(order).catch((error) => {
    place.release();
    throw error;
  });
  let released: Promise<void> | undefined;
  return {
    order: {
      maxOutputBytes: limits.log_mb === undefined ? maxLogBytes : Math.min(maxLogBytes, limits.log_mb * megabyte),
      limits: {
        fileBytes: limits.file_mb * megabyte,
        processes: limits.processes,
        cpuSecs: limits.cpu_secs,
        memoryBytes: limits.memory_mb * megabyte,
        disk: {
          dirs: [checkout.dir, dir],
          growing: caches.startsWith(dir) ? [] : [caches],
          bytes: limits.disk_mb * megabyte,
        },
      },
      ...(cell.confine ? { confine: cell.confine } : {}),
    },
    base: place.env,
    places: { home, dir },
    again: (other) => sandbox.prepare({ ...order, ...other }),
    env: { ...plan.secrets, ...cell.env, ...watch?.env },
    notes: plan.notes,
    watched: async () => watch?.collect() ?? null,
    release: () => {
      released ??= cell.release().finally(place.release);
      return released;
    },
  };
}
