import type { Objection, Rule } from './define.ts';
import { baseName, type ReadFile, type Reading, type Side } from './patch-reading.ts';

const hidden =
  /(?:^|\/)(?:vendor|vendored|node_modules|bower_components|third[-_]?party|external|dist|build|out|target|generated|gen|testdata|fixtures|__fixtures__|__pycache__|\.[^/]{1,100})\//i;
const kin: Readonly<Record<string, string>> = {
  typescript: 'script',
  javascript: 'script',
  vue: 'script',
  c: 'c',
  cpp: 'c',
};

/** Code is mended, not taken away, hidden in comments, or put where no tool looks. */
export const removedCode: Rule = {
  name: 'removed_code',
  judge: (patch) =>
    patch.files.flatMap((file) => [...judgeRename(file), ...judgeComments(file), ...judgeSize(file, patch)]),
};

function judgeRename({ file, before, after }: ReadFile): Objection[] {
  if (before === null || after === null || before.path === after.path || before.language?.syntax == null) return [];
  const why = hidesMore(before, after);
  return why === null ? [] : [{ rule: 'renamed_away', path: file.path, line: null, why }];
}

function hidesMore(before: Side, after: Side): string | null {
  if (hidden.test(after.path) && !hidden.test(before.path)) return 'the file moves to a folder that tools pass over';
  if (group(before) !== group(after))
    return `tools that read ${baseName(before.path).slice(0, 100)} do not read it under its new name`;
  const platform =
    /_(?:windows|linux|darwin|freebsd|plan9|js|wasm|wasip1|arm|arm64|386|mips|aix|solaris|android|ios)\.go$|(?:^|\/)[_.][^/]{1,100}$/;
  return platform.test(after.path) && !platform.test(before.path)
    ? 'under its new name the file is left out of most builds'
    : null;
}

function group({ language }: Side): string {
  return kin[language?.name ?? ''] ?? language?.name ?? '';
}

/** Lines of code that are still there, but as a comment or inside of a string. */
function judgeComments({ file, before, after, removed }: ReadFile): Objection[] {
  if (before?.language?.syntax == null || after === null) return [];
  const silent = new Map<string, number>();
  for (const [index, line] of after.lines.entries())
    if (isIdle(after.codeLines[index] ?? '')) silent.set(uncommented(line), index + 1);
  const old = new Set(before.lines.filter((_, index) => isIdle(before.codeLines[index] ?? '')).map(uncommented));
  // A line inside of new quotes is the same line as before, so that it is not among the removed ones.
  const masked = before.lines.filter((line, index) => !isIdle(before.codeLines[index] ?? '') && isSentence(line));
  const hits = [...new Set([...masked.map((line) => line.trim()), ...removed.map(({ text }) => text)])].filter(
    (text) => isSentence(text) && silent.has(text) && !old.has(text) && !isCodeOf(after, text, silent),
  );
  if (hits.length < 2) return [];
  const line = silent.get(hits[0] ?? '') ?? null;
  return [
    {
      rule: 'code_commented_out',
      path: file.path,
      line,
      why: `${hits.length} lines of code become a comment or a string: mend them, or take them out`,
    },
  ];
}

function isCodeOf(side: Side, text: string, silent: ReadonlyMap<string, number>): boolean {
  const at = silent.get(text) ?? 0;
  return !isIdle(side.codeLines[at - 1] ?? '');
}

/** Punctuation alone may stand anywhere. */
function isSentence(text: string): boolean {
  return (text.match(/\w/g)?.length ?? 0) >= 4;
}

function isIdle(code: string): boolean {
  return code.replace(/["'`]/g, '').trim() === '';
}

function uncommented(line: string): string {
  return line
    .trim()
    .replace(/^(?:#+|\/\/+|\/\*+|\*(?!\/)|--|<!--|;+|%+)\s?/, '')
    .replace(/\s?(?:\*\/|-->)$/, '')
    .trim();
}

function judgeSize({ file, before, after }: ReadFile, patch: Reading): Objection[] {
  if (before?.language?.syntax == null || before.language.name === 'markdown') return [];
  const old = linesOfCode(before);
  const now = after === null ? [] : linesOfCode(after);
  const few = now.length === 0 ? old.length >= 3 : old.length >= 20 && now.length < old.length / 4;
  if (!few || isMoved(before, old, patch)) return [];
  const why =
    after === null
      ? 'a file is deleted: that is for a person to decide'
      : 'nearly all of the code of the file is taken away';
  return [{ rule: 'code_removed', path: file.path, line: null, why }];
}

function linesOfCode({ codeLines, lines }: Side): string[] {
  return lines.filter((_, index) => !isIdle(codeLines[index] ?? '')).map((line) => line.trim());
}

/** Most of it stands in other files of the patch, in the same language and in sight. */
function isMoved(before: Side, old: readonly string[], { files }: Reading): boolean {
  const elsewhere = new Set<string>();
  for (const { after, added } of files)
    if (after !== null && after.path !== before.path && group(after) === group(before) && !hidden.test(after.path))
      for (const { text } of added) elsewhere.add(text);
  return old.filter((line) => elsewhere.has(line)).length >= 0.6 * old.length;
}
