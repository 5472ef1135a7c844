import type { ChangedFile } from '../../../../floor/changed-file.ts';
import type { GrammarName, Parse, SyntaxTree } from '../../../../floor/text/syntax-tree.ts';
import { type Judged, type Limits, limits as standard } from './judged-patch.ts';
import { type Comment, lineCounter, maskSource } from './mask-source.ts';
import { grammarOf, type Language, languageOf } from './source-language.ts';

/** One content of a file, told apart. `lines` and `codeLines` run in step. */
export type Side = {
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly code: string;
  readonly codeLines: readonly string[];
  readonly comments: readonly Comment[];
  readonly language: Language | null;
  readonly grammar: GrammarName | null;
  /** Null when its language has no grammar, or it could not be read. */
  readonly tree: SyntaxTree | null;
};

/** A line of one side that the other side has not, or not as often. `at` counts from 1, `code` is without comments. */
export type Line = { readonly text: string; readonly code: string; readonly at: number };

export type ReadFile = {
  readonly file: ChangedFile;
  readonly before: Side | null;
  readonly after: Side | null;
  readonly added: readonly Line[];
  readonly removed: readonly Line[];
};

/** A patch with all that its rules ask about. Files over the limit of size are there without their contents. */
export type Reading = {
  readonly judged: Judged;
  readonly limits: Limits;
  readonly owned: ReadonlySet<string>;
  readonly files: readonly ReadFile[];
};

/** Something that stands in a file. `key` says what is the same thing elsewhere. */
export type Hit = { readonly key: string; readonly path: string; readonly line: number };

const none: readonly Line[] = [];

export function readPatch(judged: Judged, parse: Parse): Reading {
  const limits = { ...standard, ...judged.limits };
  const owned = ownedPaths(judged);
  return {
    judged,
    limits,
    owned,
    files: judged.files.slice(0, limits.files).map((file) => readFile(file, limits, parse)),
  };
}

function ownedPaths({ method, ownedLockFiles = [], subproject }: Judged): Set<string> {
  if (method !== 'bump') return new Set();
  const under = subproject === '.' ? [] : ownedLockFiles.map((path) => `${subproject}/${path}`);
  return new Set([...ownedLockFiles, ...under]);
}

function readFile(file: ChangedFile, { bytes }: Limits, parse: Parse): ReadFile {
  const over = (file.before?.length ?? 0) > bytes || (file.after?.length ?? 0) > bytes;
  if (file.binary || over) return { file, before: null, after: null, added: none, removed: none };
  const before = readSide(file.oldPath ?? file.path, file.before, parse);
  const after = readSide(file.path, file.after, parse);
  return { file, before, after, added: moreOften(after, before), removed: moreOften(before, after) };
}

const unread: Parse = () => null;

/** A file of which only the present content is known; without `parse`, its tree is not. */
export function readSide(path: string, text: string, parse?: Parse): Side;
export function readSide(path: string, text: string | null, parse?: Parse): Side | null;
export function readSide(path: string, text: string | null, parse: Parse = unread): Side | null {
  if (text === null) return null;
  const plain = text.replace(/\r\n?/g, '\n');
  const language = languageOf(path, plain);
  const grammar = grammarOf(path, language);
  const { code, comments } = maskSource(plain, language);
  const tree = grammar === null ? null : parse(grammar, plain);
  return {
    path,
    text: plain,
    lines: plain.split('\n'),
    code,
    codeLines: code.split('\n'),
    comments,
    language,
    grammar,
    tree,
  };
}

/** Lines that `one` has more often than `other`, whatever their order and indentation. The last ones of each kind. */
function moreOften(one: Side | null, other: Side | null): Line[] {
  if (one === null) return [];
  const left = new Map<string, number>();
  for (const line of other?.lines ?? []) left.set(line.trim(), (left.get(line.trim()) ?? 0) + 1);
  const lines: Line[] = [];
  for (const [index, raw] of one.lines.entries()) {
    const text = raw.trim();
    const same = left.get(text) ?? 0;
    if (same > 0) left.set(text, same - 1);
    else if (text !== '') lines.push({ text, code: (one.codeLines[index] ?? '').trim(), at: index + 1 });
  }
  return lines;
}

/** What the patched files hold more often than the old ones, over the whole patch: what only moves is not gained. */
export function gained(patch: Reading, find: (side: Side) => Hit[]): Hit[] {
  return difference(patch, find, 'before', 'after');
}

export function lost(patch: Reading, find: (side: Side) => Hit[]): Hit[] {
  return difference(patch, find, 'after', 'before');
}

function difference(patch: Reading, find: (side: Side) => Hit[], from: 'before' | 'after', to: 'before' | 'after') {
  const left = new Map<string, number>();
  for (const file of patch.files)
    for (const { key } of hitsOf(file[from], find)) left.set(key, (left.get(key) ?? 0) + 1);
  const fresh: Hit[] = [];
  const standing: Hit[] = [];
  for (const file of patch.files) {
    const changed = new Set((to === 'after' ? file.added : file.removed).map(({ at }) => at));
    for (const hit of hitsOf(file[to], find)) (changed.has(hit.line) ? fresh : standing).push(hit);
  }
  return [...standing, ...fresh].filter(({ key }) => {
    const same = left.get(key) ?? 0;
    if (same > 0) left.set(key, same - 1);
    return same === 0;
  });
}

function hitsOf(side: Side | null, find: (side: Side) => Hit[]): Hit[] {
  return side === null ? [] : find(side);
}

/** Every place where a pattern (with flag g) matches a text of the side, all of one key. */
export function placesOf(side: Side, text: string, pattern: RegExp, key: string): Hit[] {
  const count = lineCounter(text);
  return [...text.matchAll(pattern)].map(({ index }) => ({ key, path: side.path, line: count(index).line }));
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
