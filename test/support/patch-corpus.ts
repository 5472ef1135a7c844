import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type PatchMethod, patchMethods } from '../../events/projects/project.ts';
import type { ChangedFile } from '../../services/floor/changed-file.ts';
import type { Judged } from '../../services/patcher/rules/policy/reading/judged-patch.ts';

const folder = resolve(import.meta.dirname, '../services/patcher/rules/policy/corpus');

export type Situation = { name: string; language: string; judged: Judged; refusedBy: string | null };

/** The patches of a folder of the corpus, by name. */
export function situations(kind: 'cheating' | 'honest'): Situation[] {
  return readdirSync(join(folder, kind))
    .filter((file) => file.endsWith('.diff'))
    .sort()
    .map((file) => situation(file.slice(0, -'.diff'.length), readFileSync(join(folder, kind, file), 'utf8')));
}

function situation(name: string, text: string): Situation {
  const start = text.indexOf('diff --git ');
  const header = new Map(
    [...text.slice(0, start).matchAll(/^# ([\w-]+): (.+)$/gm)].map(([, key = '', value = '']) => [key, value]),
  );
  const method = patchMethods.find((one): one is PatchMethod => one === header.get('method'));
  if (method === undefined) throw new Error(`${name} names no method`);
  const owned = header.get('owned')?.split(', ');
  return {
    name,
    language: name.split('-')[0] ?? '',
    judged: {
      files: changedFiles(text.slice(start)),
      subproject: header.get('subproject') ?? '.',
      method,
      ...(owned === undefined ? {} : { ownedLockFiles: owned }),
    },
    refusedBy: header.get('refused-by') ?? null,
  };
}

/** The files of a diff whose hunks hold the whole of each file. */
export function changedFiles(diff: string): ChangedFile[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((part) => part !== '')
    .map(changedFile);
}

function changedFile(part: string): ChangedFile {
  const at = part.search(/^@@ /m);
  const head = at < 0 ? part : part.slice(0, at);
  const body = at < 0 ? [] : part.slice(at).replace(/\n$/, '').split('\n').slice(1);
  const value = (pattern: RegExp) => pattern.exec(head)?.[1] ?? null;
  const [, oldPath = '', path = ''] = /^diff --git a\/(.+) b\/(.+)$/m.exec(head) ?? [];
  const added = value(/^new file mode (\d+)$/m);
  const deleted = value(/^deleted file mode (\d+)$/m);
  const mode = value(/^index \S+ (\d+)$/m) ?? '100644';
  const binary = /^Binary files /m.test(head);
  const side = (mark: '-' | '+') =>
    body.flatMap((line) => (line.startsWith(mark) || line.startsWith(' ') ? [`${line.slice(1)}\n`] : [])).join('');
  return {
    path,
    oldPath: added === null ? oldPath : null,
    status: added !== null ? 'added' : deleted !== null ? 'deleted' : oldPath === path ? 'modified' : 'renamed',
    oldMode: added === null ? (deleted ?? value(/^old mode (\d+)$/m) ?? mode) : null,
    newMode: deleted === null ? (added ?? value(/^new mode (\d+)$/m) ?? mode) : null,
    binary,
    before: binary || added !== null ? null : side('-'),
    after: binary || deleted !== null ? null : side('+'),
    added: body.filter((line) => line.startsWith('+')).length,
    removed: body.filter((line) => line.startsWith('-')).length,
  };
}

/** One modified file. */
export function modified(path: string, before: string, after: string): ChangedFile {
  const lines = (text: string) => text.split('\n').length;
  const facts = {
    path,
    oldPath: path,
    status: 'modified',
    oldMode: '100644',
    newMode: '100644',
    binary: false,
  } as const;
  return { ...facts, before, after, added: lines(after), removed: lines(before) };
}
