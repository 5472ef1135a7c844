import type { Objection, Rule } from './define.ts';
import type { ReadFile, Side } from './reading/patch-reading.ts';

/** Code is mended, not taken away, hidden in comments, or put where no tool looks. */
export const removedCode: Rule = {
  name: 'removed_code',
  judge: (patch) => patch.files.flatMap((file) => [...judgeComments(file), ...judgeSize(file)]),
};

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

function judgeSize({ file, before, after }: ReadFile): Objection[] {
  if (before?.language?.syntax == null || before.language.name === 'markdown') return [];
  const old = linesOfCode(before);
  const now = after === null ? [] : linesOfCode(after);
  const few = now.length === 0 ? old.length >= 3 : old.length >= 20 && now.length < old.length / 4;
  if (!few) return [];
  const why =
    after === null
      ? 'a file is deleted: that is for a person to decide'
      : 'nearly all of the code of the file is taken away';
  return [{ rule: 'code_removed', path: file.path, line: null, why }];
}

function linesOfCode({ codeLines, lines }: Side): string[] {
  return lines.filter((_, index) => !isIdle(codeLines[index] ?? '')).map((line) => line.trim());
}
