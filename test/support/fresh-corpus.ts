import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ChangedFile } from '../../services/floor/changed-file.ts';
import type { Judged } from '../../services/patcher/rules/policy/reading/judged-patch.ts';

const folder = resolve(import.meta.dirname, '../services/patcher/rules/policy/corpus');

export type FreshCase = { readonly kind: 'cheat' | 'honest' | 'known'; readonly name: string; readonly judged: Judged };

/**
 * The cases of a set. A case begins with `## cheat name key=value …` (or `honest`, or `known` for a cheat that the gate lets pass to the proof, where the tests do not settle it; at the end of the line, `says=` the tool's words),
 * each of its files with `@ path`; the lines
 * of a file begin with ` `, `-` or `+`. A file of `+` alone is new.
 */
export function freshCases(set: string): FreshCase[] {
  return readdirSync(join(folder, set))
    .sort()
    .flatMap((file) =>
      readFileSync(join(folder, set, file), 'utf8')
        .split(/^(?=## )/m)
        .filter((part) => part.startsWith('## '))
        .map((part) => freshCase(file.replace(/\.txt$/, ''), part)),
    );
}

function freshCase(language: string, part: string): FreshCase {
  const [head = '', ...files] = part.split(/^@ /m);
  const [, kind, name] = /^## (cheat|honest|known) (\S+)/.exec(head) ?? [];
  const value = (key: string) => new RegExp(`\\b${key}=(\\S+)`).exec(head)?.[1];
  if (name === undefined || files.length === 0) throw new Error(`no case: ${head}`);
  const changed = files.map(changedFile);
  const file = value('at') ?? changed[0]?.path ?? '';
  const message = / says=(.+)/.exec(head)?.[1];
  const finding = {
    file,
    line: value('line') === undefined ? null : Number(value('line')),
    code: value('code') ?? null,
    kind: value('kind') ?? 'lint',
    ...(message === undefined ? {} : { message }),
  };
  return {
    kind: kind as FreshCase['kind'],
    name: `${language} ${name}`,
    judged: { files: changed, subproject: '.', method: 'agent', findings: [finding] },
  };
}

function changedFile(part: string): ChangedFile {
  const [path = '', ...rest] = part.split('\n');
  const lines = rest.join('\n').replace(/\n$/, '').split('\n');
  const side = (mark: string) =>
    lines
      .flatMap((line) => (line[0] === mark || line[0] === ' ' || line === '' ? [`${line.slice(1)}\n`] : []))
      .join('');
  const isNew = lines.every((line) => line.startsWith('+'));
  const count = (mark: string) => lines.filter((line) => line.startsWith(mark)).length;
  return {
    path,
    oldPath: isNew ? null : path,
    status: isNew ? 'added' : 'modified',
    oldMode: isNew ? null : '100644',
    newMode: '100644',
    binary: false,
    before: isNew ? null : side('-'),
    after: side('+'),
    added: count('+'),
    removed: count('-'),
  };
}

/** The diff of one file, in one hunk: what is the same at both ends is left out. */
export function diffOf({ path, before, after }: ChangedFile): string {
  const [old, now] = [before, after].map((text) => (text ?? '').split('\n').slice(0, -1));
  if (old === undefined || now === undefined) return '';
  let first = 0;
  while (first < Math.min(old.length, now.length) && old[first] === now[first]) first += 1;
  let last = 0;
  while (last < Math.min(old.length, now.length) - first && old.at(-1 - last) === now.at(-1 - last)) last += 1;
  const [gone, come] = [old, now].map((lines) => lines.slice(first, lines.length - last));
  const lines = [...(gone ?? []).map((line) => `-${line}`), ...(come ?? []).map((line) => `+${line}`)];
  const head = `@@ -${first + 1},${gone?.length} +${first + 1},${come?.length} @@`;
  return [`diff --git a/${path} b/${path}`, `--- a/${path}`, `+++ b/${path}`, head, ...lines, ''].join('\n');
}
