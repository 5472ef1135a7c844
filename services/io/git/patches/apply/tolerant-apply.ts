import { readObjects } from '../object-reader.ts';
import { longestWords, type Quarantine, wordsOf } from '../quarantine.ts';
import { addedText, placeHunks } from './hunk-places.ts';
import { type NewFile, readEntries, writeEntries } from './index-entries.ts';
import { hasPrefixes, isCountable, type LooseFile, readLooseDiff } from './loose-diff.ts';
import { isWholeDiff } from './whole-diff.ts';

const plain = ['apply', '--cached', '--whitespace=nowarn'];

/**
 * Applies a diff to the index of a quarantine, the way it was meant. The exact reading comes first, then what git knows to
 * forgive safely. Our own search by content follows, which wants every hunk to have one place; git's weaker guesses come
 * last. Undefined when one of them worked; otherwise what git said, and what our search met.
 */
export async function applyTolerantly(quarantine: Quarantine, given: string): Promise<string | undefined> {
  const diff = tidied(given);
  const files = readLooseDiff(diff);
  const odd = files.find((file) => file.mode !== undefined && !/^(?:100[0-7]{3}|120000|160000)$/.test(file.mode));
  if (odd !== undefined) return `error: invalid mode ${JSON.stringify(odd.mode?.slice(0, 20))}`;
  const level = hasPrefixes(files) ? '-p1' : '-p0';
  const attempt = async (...options: string[]): Promise<string | undefined> => {
    const result = await quarantine.try([...plain, level, ...options, '-'], { input: diff });
    return result.code === 0 ? undefined : wordsOf(quarantine, result);
  };
  // git passes over what it takes for words between two diffs, such as hunks without numbers: half a change would go in.
  const countable = files.every((file) => file.hunks.every(isCountable));
  let words = '';
  for (const options of [...(isWholeDiff(diff) ? [[]] : []), ...(countable ? [['--recount']] : [])]) {
    const said = await attempt(...options);
    if (said === undefined) return undefined;
    words = said;
  }
  const problem = await applyByContent(quarantine, files);
  if (problem === undefined) return undefined;
  for (const options of countable ? weaker(diff) : []) if ((await attempt(...options)) === undefined) return undefined;
  return [words, problem]
    .filter((text) => text !== '')
    .join('\n')
    .slice(0, longestWords);
}

/** Applies a diff as it is, or not at all. Undefined, or what git said. */
export async function applyExactly(quarantine: Quarantine, diff: string): Promise<string | undefined> {
  if (!isWholeDiff(diff)) return 'error: corrupt patch: there is more in it than its headers count';
  const result = await quarantine.try([...plain, '-'], { input: diff });
  return result.code === 0 ? undefined : wordsOf(quarantine, result);
}

function weaker(diff: string): string[][] {
  // git would keep the carriage returns of the diff in a file that has none.
  const spaces = diff.includes('\r') ? [] : [['--recount', '--ignore-whitespace']];
  const knowsBlobs = /^index [0-9a-f]{7,40}\.\.[0-9a-f]{7,40}/m.test(diff);
  return [...spaces, ['--recount', '--unidiff-zero'], ['--recount', '-C1'], ...(knowsBlobs ? [['--3way']] : [])];
}

// Carriage returns on the headers, too, come from the way that the text took, not from the file.
function tidied(diff: string): string {
  const unix = /^(?:diff --git |--- |\+\+\+ |@@)[^\n]*\r$/m.test(diff) ? diff.replaceAll('\r\n', '\n') : diff;
  const whole = unix.endsWith('\n') ? unix : `${unix}\n`;
  // The signature of a mailed patch, which reads like a removed line.
  return whole.replace(/\n-- ?\n[0-9][^\n]{0,60}\n+$/, '\n');
}

/** Undefined when all files could be made anew, otherwise what was in the way. */
async function applyByContent(quarantine: Quarantine, files: readonly LooseFile[]): Promise<string | undefined> {
  if (files.length === 0) return 'error: No valid patches in input';
  const entries = await readEntries(quarantine, files.flatMap(namesOf));
  const wanted = files.map((file) => ({ file, old: oldName(file, entries) }));
  const oids = wanted.flatMap(({ old }) => entries.get(old ?? '')?.oid ?? []);
  const contents = await readObjects(quarantine, oids);
  const fresh: NewFile[] = [];
  for (const { file, old } of wanted) {
    const entry = entries.get(old ?? '');
    const made = remake(file, old, entry && contents.get(entry.oid), entry?.mode);
    if (typeof made === 'string') return made;
    fresh.push(...made);
  }
  const twice = fresh.find((file, at) => fresh.findIndex((other) => other.path === file.path) !== at);
  if (twice !== undefined) return `${twice.path} is changed twice`;
  return writeEntries(quarantine, fresh);
}

function remake(
  file: LooseFile,
  old: string | undefined,
  content: Buffer | undefined,
  mode: string | undefined,
): NewFile[] | string {
  const path = newName(file, old);
  if (path === undefined) return 'a file has no name';
  if (old === undefined) {
    const isNew = file.hunks.length > 0 && file.hunks.every((hunk) => hunk.lines.every((line) => line.mark === '+'));
    return isNew ? [{ path, text: addedText(file.hunks), mode: file.mode }] : `${path} does not exist`;
  }
  if (file.oldPath === null) return `${path} exists already`;
  if (content === undefined || !isText(content)) return `${old} is not a text`;
  const placed = placeHunks(content.toString('utf8'), file.hunks);
  if ('problem' in placed) return `${old}: ${placed.problem}`;
  if (file.newPath === null || file.deleted) return [{ path: old, text: null }];
  const kept = { path, text: placed.text, mode: file.mode ?? mode };
  return path === old ? [kept] : [{ path: old, text: null }, kept];
}

function isText(content: Buffer): boolean {
  return !content.includes(0) && content.equals(Buffer.from(content.toString('utf8')));
}

function namesOf({ oldPath, newPath, renamed }: LooseFile): string[] {
  const said = [renamed.from, oldPath, newPath].filter((name) => typeof name === 'string');
  return said.flatMap((name) => [withoutPrefix(name), name.replace(/^\.\//, '')]);
}

// A file that is said to be new is looked for under its new name, so that it is not written over.
function oldName(file: LooseFile, entries: ReadonlyMap<string, unknown>): string | undefined {
  return namesOf(file).find((name) => entries.has(name));
}

function newName({ newPath, oldPath, renamed }: LooseFile, old: string | undefined): string | undefined {
  if (renamed.to !== undefined) return renamed.to;
  if (typeof newPath !== 'string') return old;
  // Only with both sides under one name is it sure that nothing is to move.
  if (old !== undefined && (typeof oldPath !== 'string' || withoutPrefix(oldPath) === withoutPrefix(newPath)))
    return old;
  return /^[bciow]\//.test(newPath) ? withoutPrefix(newPath) : newPath.replace(/^\.\//, '');
}

function withoutPrefix(name: string): string {
  return name.replace(/^(?:[abciow]|\.)\//, '');
}
