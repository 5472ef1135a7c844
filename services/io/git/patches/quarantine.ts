import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { localFailure } from '../mirrors/git-failure.ts';
import type { GitProcesses, ProcessResult } from '../mirrors/git-processes.ts';
import { ownerLives, ownerTag } from '../trees/process-owner.ts';

/** `draftsDir` is where temporary folders are made; `env` is the environment of our git commands. */
export type QuarantineDeps = {
  processes: GitProcesses;
  env: Record<string, string>;
  timeoutMs: number;
  draftsDir: string;
};

type Asked = { input?: string; cwd?: string; env?: Record<string, string>; onOutput?: (chunk: Buffer) => void };

/** A folder with an index and objects of its own over those of a mirror: what is written here, the mirror never sees. */
export type Quarantine = {
  readonly dir: string;
  readonly index: string;
  readonly mirror: string;
  readonly env: Record<string, string>;
  /** Runs git and gives what it answered, well or not. */
  try(args: readonly string[], asked?: Asked): Promise<ProcessResult>;
  /** Runs git and gives its output; AppError('internal') when it fails, since that is a broken world. */
  git(what: string, args: readonly string[], asked?: Asked): Promise<string>;
};

/** Does work in a quarantine over a mirror's objects, and leaves nothing of it behind. */
export async function inQuarantine<T>(
  deps: QuarantineDeps,
  mirror: string,
  work: (quarantine: Quarantine) => Promise<T>,
): Promise<T> {
  const dir = path.join(deps.draftsDir, `${ownerTag()}-${randomBytes(6).toString('hex')}`);
  const objects = path.join(dir, 'objects');
  const index = path.join(dir, 'index');
  const env = { ...deps.env, GIT_DIR: mirror, GIT_INDEX_FILE: index, GIT_OBJECT_DIRECTORY: objects };
  const ask = (args: readonly string[], { input, cwd, env: more, onOutput }: Asked = {}): Promise<ProcessResult> =>
    deps.processes.run({
      command: 'git',
      args,
      cwd: cwd ?? dir,
      env: { ...env, ...more },
      timeoutMs: deps.timeoutMs,
      ...(input === undefined ? {} : { input }),
      ...(onOutput === undefined ? {} : { onOutput }),
    });
  try {
    await mkdir(path.join(objects, 'info'), { recursive: true });
    // A file, since the variable for it takes a colon in a path for the end of the path.
    await writeFile(path.join(objects, 'info', 'alternates'), `${path.join(mirror, 'objects')}\n`);
    return await work({
      dir,
      index,
      mirror,
      env,
      try: ask,
      async git(what, args, asked) {
        const result = await ask(args, asked);
        if (result.code !== 0) throw localFailure(what, result);
        return result.stdout;
      },
    });
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes what processes that died left behind. */
export async function sweepQuarantines(draftsDir: string): Promise<void> {
  for (const name of await readdir(draftsDir).catch(() => [])) {
    if (ownerLives(name.split('-')[0] ?? '')) continue;
    await rm(path.join(draftsDir, name), { recursive: true, force: true, maxRetries: 3 });
  }
}

/** git's words about what it would not do, as they may be shown: bounded, and without the place where it happened. */
export function wordsOf(quarantine: Pick<Quarantine, 'dir' | 'mirror'>, result: ProcessResult): string {
  if (result.stopped !== undefined) return `git was stopped (${result.stopped})`;
  const text = result.stderr.replaceAll(quarantine.dir, '').replaceAll(quarantine.mirror, '').trim();
  return text.slice(0, longestWords) || `git ended with ${result.code}`;
}

/** The most characters of git's words that are passed on. */
export const longestWords = 4096;
