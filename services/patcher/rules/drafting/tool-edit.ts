import type { Edit, Observation } from '../../../../events/finding.ts';
import { toolNamed } from '../../../../parsers/tools/registry.ts';
import { type PlacedText, placedText, unitOf } from './edit-places.ts';

export type EditedFinding = Pick<Observation, 'tool' | 'code' | 'file' | 'line'> & { readonly edits: readonly Edit[] };

/** A finding whose edits are not in the result, and why, in words. */
type LeftOut = Pick<EditedFinding, 'tool' | 'code' | 'file' | 'line'> & {
  /** Which of the findings it is, counted from 0: several may have the same tool, rule and line. */
  readonly index: number;
  readonly reason: string;
};

type ToolEdit =
  | {
      readonly ok: true;
      /** Whole new contents of the files that change. */
      readonly files: ReadonlyMap<string, string>;
      /** Findings whose edits are in the result. */
      readonly applied: number;
      readonly left: readonly LeftOut[];
    }
  | { readonly ok: false; readonly reason: string };

/** What comes in place of the text from `start` up to but not including `end`. */
type Span = { readonly start: number; readonly end: number; readonly text: string };
type Placed = Span & { readonly file: string };

/**
 * Puts the edits that the tools offer into the contents of their files (by path from the repository's root). A finding's
 * edits go in together or not at all; of findings that are in each other's way, the first one wins. Edits that the tool
 * does not call safe are taken only with `allowUnsafe`, and only of a finding that is alone.
 */
export function toolEdit(
  findings: readonly EditedFinding[],
  contents: ReadonlyMap<string, string>,
  { allowUnsafe = false }: { readonly allowUnsafe?: boolean } = {},
): ToolEdit {
  const texts = new Map<string, PlacedText>();
  const taken = new Map<string, Span[]>();
  const left: LeftOut[] = [];
  for (const [index, finding] of findings.entries()) {
    const placed = place(finding, contents, { texts, unsafe: allowUnsafe && findings.length === 1 });
    const reason = typeof placed === 'string' ? placed : enter(placed, taken, finding.tool);
    const { tool, code, file, line } = finding;
    if (reason !== null) left.push({ index, tool, code, file, line, reason });
  }
  const files = new Map<string, string>();
  for (const [file, spans] of taken) {
    const before = contents.get(file) ?? '';
    const after = replaced(before, spans);
    if (after !== before) files.set(file, after);
  }
  if (files.size > 0) return { ok: true, files, applied: findings.length - left.length, left };
  return { ok: false, reason: left[0]?.reason ?? 'the edits change nothing' };
}

/** The spans of a finding, in the order of its edits, or why they cannot be placed. */
function place(
  { tool, edits }: EditedFinding,
  contents: ReadonlyMap<string, string>,
  { texts, unsafe }: { texts: Map<string, PlacedText>; unsafe: boolean },
): Placed[] | string {
  if (edits.length === 0) return 'the tool offers no edit';
  if (!unsafe && edits.some(({ safe }) => !safe)) return 'the tool does not call its edit safe';
  const unit = unitOf(tool);
  const placed: Placed[] = [];
  for (const { file, start, end, text } of edits) {
    const content = contents.get(file);
    if (content === undefined) return `${file} is not a text file that is there`;
    const known = texts.get(file) ?? placedText(content);
    texts.set(file, known);
    const [from, to] = [known.offset(start, unit, false), known.offset(end, unit, true)];
    if (from === null || to === null || from > to) return `the place of an edit is not to be found in ${file}`;
    placed.push({ file, start: from, end: to, text });
  }
  return placed;
}

/** Adds the spans to those of their files, or says why not and adds none. */
function enter(placed: readonly Placed[], taken: Map<string, Span[]>, tool: string): string | null {
  const fresh: Placed[] = [];
  const beside = (span: Placed) => touching(taken.get(span.file) ?? [], span);
  const known = (span: Placed) => beside(span).some((one) => same(one, span));
  const repeated = placed.every(known);
  for (const span of placed) {
    if (fresh.some((one) => one.file === span.file && same(one, span))) continue;
    if (fresh.some((one) => one.file === span.file && overlap(one, span))) return 'its own edits overlap each other';
    // Equal insertions of two findings may both be meant, as two closing brackets are; whole lines, such as imports, are not.
    if (known(span) && (repeated || span.start < span.end || span.text.endsWith('\n'))) continue;
    if (beside(span).some((one) => conflict(one, span, tool))) return 'its edits overlap those of another finding';
    fresh.push(span);
  }
  for (const { file, ...span } of fresh) {
    const spans = taken.get(file) ?? [];
    spans.splice(
      firstAt(spans, (one) => one.start > span.start || (one.start === span.start && one.end > span.end)),
      0,
      span,
    );
    taken.set(file, spans);
  }
  return null;
}

/** Those that share a border or more with a span. `spans` are in the order of their places and do not overlap. */
function touching(spans: readonly Span[], { start, end }: Span): readonly Span[] {
  return spans.slice(
    firstAt(spans, (one) => one.end >= start),
    firstAt(spans, (one) => one.start > end),
  );
}

/** Where the first one stands of which it holds, as it then does of all after it. */
function firstAt(spans: readonly Span[], holds: (span: Span) => boolean): number {
  let [from, to] = [0, spans.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const span = spans[middle];
    if (span !== undefined && holds(span)) to = middle;
    else from = middle + 1;
  }
  return from;
}

function same(one: Span, other: Span): boolean {
  return one.start === other.start && one.end === other.end && one.text === other.text;
}

function overlap(one: Span, other: Span): boolean {
  return one.start < other.end && other.start < one.end;
}

/**
 * Of two findings also an insertion at the border of the other's span: which comes first is not known. Some tools
 * never apply two edits in one go that touch.
 */
function conflict(one: Span, other: Span, tool: string): boolean {
  const empty = one.start === one.end || other.start === other.end;
  const fix = toolNamed(tool)?.fix;
  if (empty || (fix?.how === 'edits' && fix.apart === true)) return one.start <= other.end && other.start <= one.end;
  return overlap(one, other);
}

/** `spans` are in the order of their places; places count in the text as it was. */
function replaced(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end, text: words } of spans) {
    parts.push(text.slice(from, start), words);
    from = end;
  }
  return [...parts, text.slice(from)].join('');
}
