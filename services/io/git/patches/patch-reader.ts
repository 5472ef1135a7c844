import { isUtf8 } from 'node:buffer';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../floor/app-error.ts';
import type { ChangedFile, FileStatus, Patch } from '../../../floor/changed-file.ts';
import { readObjects } from './object-reader.ts';
import type { Quarantine } from './quarantine.ts';

/** The largest diff that is made, read or written, in bytes. */
export const largestDiff = 4 * 1024 * 1024;
/** The most files of one patch: events hold no more. */
const mostFiles = 500;

const statuses: Record<string, FileStatus> = {
  A: 'added',
  M: 'modified',
  D: 'deleted',
  R: 'renamed',
  T: 'type_changed',
};

// Nothing that a repository, a person or a release of git may have chosen: equal trees give equal diffs.
const canonical = [
  '--full-index',
  '--find-renames=50%',
  '-l200',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--diff-algorithm=myers',
  '--indent-heuristic',
  '--unified=3',
  '--submodule=short',
  '--ignore-submodules=none',
];

/**
 * The diff between a commit and a tree as git prints it, moved files as such. Applied to the commit, it gives the tree exactly, but
 * for binary files, of which it only says that they differ. AppError('too_large') over 4 MiB, AppError('invalid') when a
 * line is not UTF-8.
 */
async function printDiff(quarantine: Quarantine, base: string, tree: string): Promise<string> {
  const diff = await print(quarantine, [...canonical, base, tree]);
  if (isUtf8(diff)) return diff.toString('utf8');
  throw new AppError('invalid', 'The change touches lines that are not UTF-8.', { name: 'patch_encoding' });
}

/**
 * The same diff with the bytes of binary files in it (`GIT binary patch`): applied to the commit, it gives the tree exactly. Where
 * lines are not UTF-8, every file is written so. AppError('too_large') over 4 MiB.
 */
export async function printWholeDiff(quarantine: Quarantine, base: string, tree: string): Promise<string> {
  const args = ['--binary', ...canonical, base, tree];
  const diff = await print(quarantine, args);
  if (isUtf8(diff)) return diff.toString('utf8');
  const attributes = path.join(quarantine.dir, 'attributes');
  await writeFile(attributes, '* -diff\n');
  const encoded = await print(quarantine, args, ['-c', `core.attributesFile=${attributes}`]);
  if (isUtf8(encoded)) return encoded.toString('utf8');
  throw new AppError('invalid', 'The change touches lines that are not UTF-8.', { name: 'patch_encoding' });
}

async function print(quarantine: Quarantine, args: readonly string[], settings: readonly string[] = []) {
  const chunks: Buffer[] = [];
  let size = 0;
  await quarantine.git('comparing trees', [...settings, 'diff-tree', '-r', '-p', ...args], {
    onOutput(chunk) {
      size += chunk.length;
      if (size <= largestDiff) chunks.push(chunk);
    },
  });
  if (size > largestDiff) {
    throw new AppError('too_large', 'The change is larger than 4 MiB.', { name: 'patch_too_large' });
  }
  return Buffer.concat(chunks);
}

/** The diff between a commit and a tree, and every file of it. Throws as `printDiff`. */
export async function readPatch(quarantine: Quarantine, base: string, tree: string): Promise<Patch> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--numstat', ...canonical, base, tree];
  // Both are waited for: a quarantine must not go while git still reads in it.
  const [printed, listed] = await Promise.allSettled([
    printDiff(quarantine, base, tree),
    quarantine.git('comparing trees', args),
  ]);
  if (printed.status === 'rejected') throw printed.reason;
  if (listed.status === 'rejected') throw listed.reason;
  const diff = printed.value;
  const changes = parseChanges(listed.value);
  if (changes.length > mostFiles) {
    const text = `The change touches ${changes.length} files; ${mostFiles} is the most.`;
    throw new AppError('too_large', text, { name: 'patch_too_large' });
  }
  if (changes.some((change) => change.path.includes('\ufffd') || change.oldPath?.includes('\ufffd'))) {
    throw new AppError('invalid', 'The change touches a path that is not UTF-8.', { name: 'patch_encoding' });
  }
  const blobs = await readObjects(
    quarantine,
    changes.flatMap(({ oldOid, newOid }) => [oldOid, newOid]),
  );
  return { diff, files: changes.map((change) => describe(change, blobs)) };
}

type RawChange = {
  status: FileStatus;
  path: string;
  oldPath: string | null;
  oldMode: string;
  newMode: string;
  oldOid: string;
  newOid: string;
  added: number | undefined;
  removed: number | undefined;
};

/** Understands `git diff-tree -z --raw --numstat`: first what differs, then how much of it, in the same order. */
export function parseChanges(output: string): RawChange[] {
  const words = output.split('\0');
  const changes: RawChange[] = [];
  let at = 0;
  while (/^:\d{6} /.test(words[at] ?? '')) {
    const [oldMode = '', newMode = '', oldOid = '', newOid = '', letter = ''] = (words[at] ?? '').slice(1).split(' ');
    const status = statuses[letter[0] ?? ''] ?? 'modified';
    const first = words[at + 1] ?? '';
    const moved = status === 'renamed';
    const path = moved ? (words[at + 2] ?? '') : first;
    const oldPath = status === 'added' ? null : first;
    changes.push({ status, path, oldPath, oldMode, newMode, oldOid, newOid, added: undefined, removed: undefined });
    at += moved ? 3 : 2;
  }
  for (const change of changes) {
    const [added, removed, name] = (words[at] ?? '').split('\t');
    change.added = added === '-' ? undefined : Number(added);
    change.removed = removed === '-' ? undefined : Number(removed);
    at += name === '' ? 3 : 1;
  }
  return changes;
}

const gitlink = '160000';

// A text that cannot be shown whole is as good as binary: nobody can judge it.
function describe(change: RawChange, blobs: ReadonlyMap<string, Buffer>): ChangedFile {
  const { status, path, oldPath, oldMode, newMode } = change;
  const before = textOf(change.oldMode, blobs.get(change.oldOid));
  const after = textOf(change.newMode, blobs.get(change.newOid));
  const binary = change.added === undefined || before === undefined || after === undefined;
  return {
    path,
    oldPath,
    status,
    oldMode: modeOf(oldMode),
    newMode: modeOf(newMode),
    binary,
    before: binary ? null : before,
    after: binary ? null : after,
    added: change.added ?? 0,
    removed: change.removed ?? 0,
  };
}

function modeOf(mode: string): string | null {
  return /^0+$/.test(mode) ? null : mode;
}

/** Null when there is no content, undefined when there is one that is no text. */
function textOf(mode: string, content: Buffer | undefined): string | null | undefined {
  if (modeOf(mode) === null || mode === gitlink) return null;
  return content !== undefined && isUtf8(content) ? content.toString('utf8') : undefined;
}
