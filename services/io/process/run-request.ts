import { AppError } from '../../floor/app-error.ts';

/**
 * How surely nothing of a job survives it, best first.
 * - `pid-namespace`: the kernel ends everything with the namespace, whoever dies first.
 * - `subreaper`: everything that the recipe starts is found and killed; a hostile recipe that kills both its keeper and
 *   the launcher (they run as the same user) escapes.
 * - `process-group`: the group, the descendants and whatever still carries the job's marker are killed. A daemon that
 *   left the group and cleared its environment survives, and so does everything when the service is killed with -9.
 */
export type Containment = 'pid-namespace' | 'subreaper' | 'process-group';

export type OutputStream = 'stdout' | 'stderr';

/** What a job may use up. `disk` is looked at, `fileBytes` is the kernel's; the others are looked at four times a second. */
export type ResourceLimits = {
  /** For one file. */
  fileBytes?: number;
  /** Processes and threads, alive at one time. */
  processes?: number;
  /** Of all processes together. */
  cpuSecs?: number;
  /** Of all processes together, what they share and files in memory too. */
  memoryBytes?: number;
  /**
   * Of `dirs` together and what `growing` grow by, be it content or files without any, each of which counts as 4 KiB; and
   * of open files without a name.
   */
  disk?: { dirs: readonly string[]; growing?: readonly string[]; bytes: number };
};

export const limitNames = ['memory', 'processes', 'cpu', 'disk'] as const;
export type LimitName = (typeof limitNames)[number];

/** A folder laid over another for one job: `at` shows what is in `lower`; what is written there goes to `upper`. */
export type Layer = {
  readonly lower: string;
  readonly upper: string;
  /** Empty, on the file system of `upper`. */
  readonly work: string;
  readonly at: string;
};

/** How a job is shut in. Without anything, it may do whatever the service's user may. */
export type Confinement = {
  /**
   * The job runs as a user of its own, which is not root and never will be, and whose these paths are. Only where the service
   * is root, and jobs have namespaces or `user` is told.
   */
  own?: readonly string[];
  /** What this user may read as if it were its own. Only with `own`, and without `user`. */
  seen?: readonly string[];
  /** The number of that user, to whom the paths are given on the disk; without, they show so to the job alone. */
  user?: number;
  /** Folders that this user may not pass: what of `own` and `seen` lies below shows in empty ones. Only where jobs have namespaces. */
  covers?: readonly string[];
  /** Only where jobs have namespaces. */
  layers?: readonly Layer[];
  /** A file with the filter of system calls that the job gets; a sandbox of `wrap` brings its own. */
  calls?: string;
  /** A program that makes a sandbox; it gets two file descriptors, a user and the command as its last arguments, see inside.pl. */
  wrap?: readonly string[];
  /** Landlock: nothing else can be opened than what lies below these paths. */
  reach?: { read: readonly string[]; write: readonly string[] };
  /** Whether sockets of the internet are refused. Implied by some sandboxes. */
  noInternet?: boolean;
};

/** One command for `/bin/sh -c`. Sizes in bytes, times in milliseconds. */
export type RunRequest = {
  command: string;
  cwd: string;
  /** The whole environment: nothing is inherited. */
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Between TERM to all processes of the job and KILL. Default 10 s. */
  graceMs?: number;
  /** Both streams together. */
  maxOutputBytes: number;
  /** Gets chunks of at most 64 KiB; a returned promise pauses that pipe until it settles. */
  onOutput(stream: OutputStream, chunk: Buffer): void | Promise<void>;
  signal?: AbortSignal;
  limits?: ResourceLimits;
  confine?: Confinement;
};

export type RunResult = {
  reason: 'exited' | 'timeout' | 'cancelled' | 'log_limit' | 'limit';
  /** Which one, with reason `limit`. */
  limit: LimitName | null;
  /** As the recipe's shell ended: 127 for a command not found, null when a signal ended it. */
  exitCode: number | null;
  signal: string | null;
  durationMs: number;
  /** Bytes handed to `onOutput`. */
  outputBytes: number;
  truncated: boolean;
};

/** Refuses what no operating system can start. */
export function checkRequest(request: RunRequest): void {
  const { wrap = [], own = [], seen = [], layers = [], covers = [], calls = '', reach } = request.confine ?? {};
  const paths = [
    calls,
    ...wrap,
    ...own,
    ...seen,
    ...covers,
    ...layers.flatMap(Object.values),
    ...(reach?.read ?? []),
    ...(reach?.write ?? []),
  ];
  const texts = [request.command, request.cwd, ...paths, ...Object.entries(request.env).flat()];
  if (texts.some((text) => text.includes('\0'))) {
    throw new AppError('invalid', 'A command, its directory and its environment hold no NUL character.');
  }
  if (Object.keys(request.env).some((name) => name === '' || name.includes('='))) {
    throw new AppError('invalid', 'A name in the environment is not empty and holds no equals sign.');
  }
  const { disk, ...amounts } = request.limits ?? {};
  const limits = [...Object.values(amounts), disk?.bytes];
  const counts = [request.maxOutputBytes, ...limits.filter((limit) => limit !== undefined)];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) {
    throw new AppError('invalid', 'The limits of a job are whole numbers, 0 or more.');
  }
  if (!(request.timeoutMs > 0) || !((request.graceMs ?? 0) >= 0)) {
    throw new AppError('invalid', 'The time limit of a job is above 0 ms and its grace time is 0 ms or more.');
  }
}
