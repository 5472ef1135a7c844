import { copyFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Quarantine, wordsOf } from '../quarantine.ts';

/** A file as the index has it: its mode as git writes it, and the id of its content. */
type IndexEntry = { readonly mode: string; readonly oid: string };

/** A whole file to be; null takes it away. Without a mode it keeps the one it has, and 100644 if it is new. */
export type NewFile = { readonly path: string; readonly text: string | null; readonly mode?: string | undefined };

/** The entries of paths that the index has as files, links or submodules; it is not asked by pattern. */
export async function readEntries(quarantine: Quarantine, paths: readonly string[]): Promise<Map<string, IndexEntry>> {
  const asked = paths.filter((each) => each !== '' && !each.includes('\0'));
  const found = new Map<string, IndexEntry>();
  if (asked.length === 0) return found;
  const wanted = new Set(asked);
  // Paths that git takes for outside of the repository would end the whole question.
  const list = await quarantine.git('reading the index', ['ls-files', '--stage', '-z']);
  for (const line of list.split('\0')) {
    const tab = line.indexOf('\t');
    const name = line.slice(tab + 1);
    const [mode = '', oid = ''] = line.slice(0, tab).split(' ');
    if (tab > 0 && wanted.has(name)) found.set(name, { mode, oid });
  }
  return found;
}

const mostFiles = 1000;
const longestPath = 1024;

/** Writes whole files to the index. Undefined when it worked, otherwise why it did not; the index is then as it was. */
export async function writeEntries(quarantine: Quarantine, files: readonly NewFile[]): Promise<string | undefined> {
  if (files.length > mostFiles) return `the change touches ${files.length} files`;
  const odd = files.find((file) => file.path.includes('\0') || file.path.length > longestPath);
  if (odd !== undefined) return `error: invalid path ${JSON.stringify(odd.path.slice(0, longestPath))}`;
  const paths = files.map((file) => file.path);
  const there = await readEntries(quarantine, paths);
  for (const file of files) {
    const problem = problemOf(file, there.get(file.path));
    if (problem !== undefined) return problem;
  }
  const [removed, written] = [files.filter((file) => file.text === null), files.filter((file) => file.text !== null)];
  const oids = await writeBlobs(quarantine, written);
  const before = `${quarantine.index}.before`;
  await copyFile(quarantine.index, before);
  // What goes makes room for what comes in its place.
  const input = removed.map((file) => `0 ${'0'.repeat(40)}\t${file.path}\0`).join('');
  await quarantine.git('removing files', ['update-index', '-z', '--index-info'], { input });
  const added = written.flatMap((file, at) => {
    const mode = file.mode ?? there.get(file.path)?.mode ?? '100644';
    return ['--cacheinfo', `${mode},${oids[at]},${file.path}`];
  });
  // Unlike a list on its input, arguments make git fail on a bad path, and on one that leads through a link.
  const result = await quarantine.try(['update-index', '--add', ...added]);
  if (result.code === 0) return undefined;
  await rename(before, quarantine.index);
  return wordsOf(quarantine, result);
}

function problemOf(file: NewFile, there: IndexEntry | undefined): string | undefined {
  if (there === undefined) return file.text === null ? `error: ${file.path}: does not exist in index` : undefined;
  if (there.mode.startsWith('100') || file.text === null) return undefined;
  return `error: ${file.path}: is not a regular file (its mode is ${there.mode})`;
}

async function writeBlobs(quarantine: Quarantine, files: readonly NewFile[]): Promise<string[]> {
  if (files.length === 0) return [];
  const names = files.map((_, at) => path.join(quarantine.dir, `new-${at}`));
  for (const [at, name] of names.entries()) await writeFile(name, files[at]?.text ?? '');
  const input = names.map((name) => `${name}\n`).join('');
  const out = await quarantine.git('writing files', ['hash-object', '-w', '--no-filters', '--stdin-paths'], { input });
  return out.split('\n').filter((line) => line !== '');
}
