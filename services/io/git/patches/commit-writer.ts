import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../floor/app-error.ts';
import { createBatchParser } from './blob-reader.ts';
import { parseChanges } from './patch-reader.ts';
import type { Quarantine } from './quarantine.ts';
import { patchedTree } from './tree-change.ts';

const writesAtOnce = 16;

/** A commit to be. `time` is an ISO instant; equal inputs give equal commits. */
export type CommitDraft = {
  baseSha: string;
  diff: string;
  message: string;
  author: { name: string; email: string };
  time: string;
};

/**
 * Writes a commit with a diff on top of its base into the mirror's objects, and answers its id. Nothing points to it: a
 * collection of the mirror takes it away again. Throws as `patchedTree`; AppError('invalid') for a bad author or time.
 */
export async function writePatchCommit(quarantine: Quarantine, draft: CommitDraft): Promise<string> {
  const timestamp = Math.floor(Date.parse(draft.time) / 1000);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw invalid('The time of a commit must be an ISO instant.');
  for (const text of [draft.author.name, draft.author.email]) checkName(text);
  if (draft.message.includes('\0')) throw invalid('The message of a commit must not hold a NUL.');
  // Loaded when it is needed: it costs 22 MB, and most processes never push.
  const { writeCommit, writeObject } = await import('isomorphic-git');
  const tree = await patchedTree(quarantine, draft.baseSha, draft.diff);
  const store = { fs: atomicFiles, gitdir: quarantine.mirror };
  const write = async ({ oid, type, content }: NewObject): Promise<void> => {
    // As bytes: a tree may hold names that are no text.
    const written = await writeObject({ ...store, type, format: 'content', object: content });
    if (written !== oid) throw new AppError('internal', `the ${type} ${oid} was written as ${written}`);
  };
  const objects = await newObjects(quarantine, draft.baseSha, tree);
  // Each waits for the disk: together they wait once. The commit comes last, when all that it names is there.
  for (let at = 0; at < objects.length; at += writesAtOnce)
    await Promise.all(objects.slice(at, at + writesAtOnce).map(write));
  const author = { ...draft.author, timestamp, timezoneOffset: 0 };
  return writeCommit({
    ...store,
    commit: { message: draft.message, tree, parent: [draft.baseSha], author, committer: author },
  });
}

type NewObject = { oid: string; type: 'blob' | 'tree'; content: Buffer };

async function newObjects(quarantine: Quarantine, base: string, tree: string): Promise<NewObject[]> {
  const args = ['diff-tree', '-r', '-t', '-z', '--raw', '--no-renames', '--full-index', base, tree];
  const changes = parseChanges(await quarantine.git('comparing trees', args));
  const wanted = new Map<string, NewObject['type']>([[tree, 'tree']]);
  for (const { newMode, newOid } of changes) {
    if (newMode === '040000') wanted.set(newOid, 'tree');
    else if (newMode !== '160000' && newMode !== '000000') wanted.set(newOid, 'blob');
  }
  const asked = [...wanted];
  const found: NewObject[] = [];
  let position = 0;
  const onOutput = createBatchParser((content) => {
    const [oid, type] = asked[position] ?? ['', 'blob'];
    position += 1;
    if (content === undefined) return;
    found.push({ oid, type, content });
  }, /^(?:blob|tree)$/);
  await quarantine.git('reading a patched tree', ['cat-file', '--batch'], {
    input: asked.map(([oid]) => `${oid}\n`).join(''),
    onOutput,
  });
  if (found.length === asked.length) return found;
  throw new AppError('too_large', 'The change holds a file over 4 MiB.', { name: 'patch_too_large' });
}

// These would end the field, or the line, of the commit's header.
function checkName(text: string): void {
  if (text.trim() !== '' && text.length <= 256 && !/[<>\u0000-\u001f\u007f]/u.test(text)) return;
  throw invalid('The author of a commit needs a name and an address, on one line and without angle brackets.');
}

function invalid(text: string): AppError {
  return new AppError('invalid', text, { name: 'git_commit' });
}

// isomorphic-git writes objects in place and never again: one that was cut off by a crash would stay so for good.
const atomicFiles = {
  promises: {
    ...fs.promises,
    async writeFile(file: string, content: Uint8Array): Promise<void> {
      // git sweeps such names, as we do after a fetch that was cut off.
      const fresh = path.join(path.dirname(file), `tmp_obj_${randomBytes(6).toString('hex')}`);
      try {
        const handle = await open(fresh, 'wx', 0o444);
        try {
          await handle.writeFile(content);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(fresh, file);
      } finally {
        await rm(fresh, { force: true });
      }
    },
  },
};
