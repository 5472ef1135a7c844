/** A report that grows longer than this without an end is shown as it comes. */
const longestReport = 32 * 1024 * 1024;

type ReportFilter = {
  /** What of the next piece is for people, in whole lines. */
  write(text: string): string;
  /** What was held back for an end that did not come. */
  end(): string;
};

/**
 * Takes the reports that tools print for programs (JSON over one or many lines, XML) out of a log that people watch. Of
 * lines that hold words for people (cargo's `rendered`, `Output` of go test) those are shown. All else goes through.
 */
export function reportFilter(): ReportFilter {
  let rest = '';
  let held: Held | null = null;
  const take = (line: string): string => {
    held ??= beginning(line);
    if (held === null) return line;
    held.lines.push(line);
    held.length += line.length;
    const state = held.closes(line);
    if (state === 'open' && held.length <= longestReport) return '';
    const { lines, isXml } = held;
    held = null;
    if (state !== 'closed') return lines.join('');
    return isXml ? '' : wordsOf(lines.join(''));
  };
  return {
    write: (text) => {
      const lines = (rest + text).split(/(?<=\n)/);
      rest = lines.at(-1)?.endsWith('\n') === false ? (lines.pop() ?? '') : '';
      // A line that cannot be a report need not wait for its end.
      const out = lines.map(take).join('');
      if (held !== null || /^\s*(?:$|[<{[])/.test(rest)) return out;
      const early = rest;
      rest = '';
      return out + early;
    },
    end: () => {
      const last = rest === '' ? '' : take(rest);
      rest = '';
      const left: string = held === null ? '' : (held as Held).lines.join('');
      held = null;
      return last + left;
    },
  };
}

type Held = {
  readonly lines: string[];
  length: number;
  readonly isXml: boolean;
  /** Whether the report ends with this line, goes on, or is none. */
  readonly closes: (line: string) => 'open' | 'closed' | 'none';
};

function beginning(line: string): Held | null {
  if (/^\s*<\?xml\b/.test(line)) return { lines: [], length: 0, isXml: true, closes: xmlEnd() };
  // After the bracket stands a value or nothing: `[INFO]`, `[1/3]` and `{ go: true }` are words of a tool.
  if (!/^\s*(?:\{\s*(?:"|\}?\s*$)|\[\s*(?:[{["\]]|$))/.test(line)) return null;
  return { lines: [], length: 0, isXml: false, closes: jsonEnd() };
}

function jsonEnd(): Held['closes'] {
  let depth = 0;
  let quoted = false;
  let escaped = false;
  return (line) => {
    for (let at = 0; at < line.length; at += 1) {
      const char = line[at];
      if (quoted) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') quoted = false;
        else if (char === '\n') return 'none';
      } else if (char === '"') quoted = true;
      else if (char === '{' || char === '[') depth += 1;
      else if (char === '}' || char === ']') {
        depth -= 1;
        if (depth <= 0) return line.slice(at + 1).trim() === '' ? 'closed' : 'none';
      }
    }
    return 'open';
  };
}

function xmlEnd(): Held['closes'] {
  let root: string | null = null;
  return (line) => {
    root ??= /<([A-Za-z][\w.:-]{0,63})[\s>/]/.exec(line)?.[1] ?? null;
    return root !== null && line.includes(`</${root}>`) ? 'closed' : 'open';
  };
}

function wordsOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    const words = valueAt(valueAt(value, 'message'), 'rendered') ?? valueAt(value, 'Output');
    return typeof words === 'string' ? (words.endsWith('\n') ? words : `${words}\n`) : '';
  } catch {
    return text;
  }
}

function valueAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
