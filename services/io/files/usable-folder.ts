import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, messageOf } from '../../floor/app-error.ts';

/** File systems of the kernel itself, by the number that statfs gives: nothing can be kept there. */
const pseudo: Readonly<Record<number, string>> = {
  40864: 'proc',
  1650812274: 'sysfs',
  7377: 'devpts',
  2613483: 'cgroup',
  1667723888: 'cgroup2',
  1684170528: 'debugfs',
  1953653091: 'tracefs',
  1935894131: 'securityfs',
  1650812272: 'configfs',
  3405662737: 'bpf',
  427819522: 'mqueue',
  1634035564: 'pstore',
  3730735588: 'efivarfs',
  2508478710: 'hugetlbfs',
};

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a file is in the way',
  EEXIST: 'a file of that name is there',
  ENAMETOOLONG: 'the path is too long',
  ELOOP: 'its symbolic links run in a circle',
};

/** No fault of the settings: room may come, and a supervisor that tries again finds it. */
const noRoom = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Makes a folder of the farm when it is missing, and writes into it. `variable` is what chooses it. Throws
 * AppError('misconfigured') where nothing can be kept, ('unavailable') when the disk is full.
 */
export function makeUsableFolder(dir: string, variable: string, mode?: number): void {
  const refuse = (why: string, cause?: unknown) =>
    new AppError('misconfigured', `${variable} cannot be used: ${dir}: ${why}; choose another folder.`, { cause });
  // Asked first: Node never comes back from a recursive mkdir below /proc.
  const kind = pseudoAbove(dir);
  if (kind !== undefined) throw refuse(`this is a pseudo file system (${kind}), which keeps no files`);
  try {
    mkdirSync(dir, { recursive: true, ...(mode === undefined ? {} : { mode }) });
    const probe = join(dir, `.probe-${process.pid}`);
    writeFileSync(probe, 'written at a start');
    rmSync(probe);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (noRoom.has(code))
      throw new AppError('unavailable', `No room is left for ${variable}: ${dir} is on a full disk.`, { cause });
    // A recursive mkdir on a read-only file system says ENOENT.
    throw refuse(reasons[code] ?? (code === 'ENOENT' ? 'it cannot be made there' : messageOf(cause)), cause);
  }
}

/** What the world said to a start, in words: a full disk, files of another user, too few files allowed. Else as it came. */
export function startFailure(error: unknown, dataDir: string): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  const said = messageOf(error);
  if (noRoom.has(code) || code === 'SQLITE_FULL')
    return new AppError('unavailable', `No room is left for ${dataDir}: ${said}.`, { cause: error });
  if (code === 'EMFILE' || code === 'ENFILE')
    return new AppError('misconfigured', `Too few open files are allowed (ulimit -n, LimitNOFILE): ${said}.`, {
      cause: error,
    });
  if (/^(EACCES|EPERM|EROFS|SQLITE_READONLY|SQLITE_CANTOPEN|SQLITE_PERM)/.test(code))
    return new AppError(
      'misconfigured',
      `A file of the farm in ${dataDir} cannot be used: ${said}; an earlier start as another user may have made it.`,
      { cause: error },
    );
  return error;
}

/** The kind of pseudo file system on which a path lies or would lie. */
function pseudoAbove(path: string): string | undefined {
  try {
    return process.platform === 'linux' ? pseudo[statfsSync(path).type] : undefined;
  } catch {
    return dirname(path) === path ? undefined : pseudoAbove(dirname(path));
  }
}
