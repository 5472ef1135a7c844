import type { Objection, Rule } from './define.ts';
import type { Line, ReadFile, Side } from './reading/patch-reading.ts';

/** Examples in documentation that runners execute say what they said: doctests, fences of Rust, outputs of Go's examples. */
export const docExamples: Rule = {
  name: 'doc_examples',
  judge: ({ files }) => files.flatMap(judgeFile),
};

function judgeFile({ file, before, after }: ReadFile): Objection[] {
  if (before === null) return [];
  const left = new Map<string, number>();
  for (const { text } of examplesIn(after)) left.set(text, (left.get(text) ?? 0) + 1);
  const lost = examplesIn(before).filter(({ text }) => {
    const same = left.get(text) ?? 0;
    left.set(text, same - 1);
    return same <= 0;
  });
  return lost.slice(0, 5).map(({ text, at }) => ({
    rule: 'assertion_changed',
    path: file.path,
    line: at,
    why: `example "${text.slice(0, 100)}" no longer says this: what documentation shows is run as a test`,
  }));
}

function examplesIn(side: Side | null): Omit<Line, 'code'>[] {
  if (side === null) return [];
  const ends = side.grammar === 'rust' ? fenced : side.grammar === 'go' ? printed : prompted;
  const found: Omit<Line, 'code'>[] = [];
  let isInside = false;
  for (const [index, line] of side.lines.entries()) {
    const text = line.trim();
    const was = isInside;
    isInside = ends(text, was);
    if ((was || isInside) && text !== '') found.push({ text, at: index + 1 });
  }
  return found;
}

/** `>>> f(2)` and what it prints, up to an empty line or the end of the text around it. */
const prompted = (text: string, was: boolean) =>
  /^(?:>>>|iex>)(?: |$)/.test(text) || (was && text !== '' && !/^(?:"""|'''|```)/.test(text));
/** Between the fences of a comment; the first one says whether it is run. */
const fenced = (text: string, was: boolean) =>
  /^\/\/[/!]/.test(text) && (/^\/\/[/!]\s*(?:```|~~~)/.test(text) ? !was : was);
const printed = (text: string, was: boolean) =>
  /^\/\/\s*(?:Unordered )?[oO]utput:/.test(text) || (was && /^\/\//.test(text));
