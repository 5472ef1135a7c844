import type { Edit } from '../../events/finding.ts';
import type { Machine, Run } from '../define.ts';
import { type DiffHunk, diffHunk, editsOf } from './diff-hunk.ts';

/** What is to be known of a program that checks how files are formatted. */
type FormatTool = {
  readonly tool: string;
  /** The file of a diff, from what stands after `--- ` and `+++ `; null for a diff of something else. */
  diffOf?(minus: string, plus: string): string | null;
  /** A line that names a file to be formatted: its first group. */
  readonly listed?: RegExp;
  /** The same, where the command asks for nothing but names. */
  readonly bare?: RegExp;
  /** Its last line, which tells that all was printed. */
  readonly sum?: RegExp;
  /** A file that cannot be parsed: its name, line, column and words. */
  readonly fault?: RegExp;
  readonly crash?: RegExp;
};

const maxListed = 20_000;

/**
 * One finding a hunk, with the lines that the tool would write as a safe edit, or one a file where it names files only;
 * a file with hunks is not told again.
 */
export function formatCheck(run: Run, how: FormatTool): Machine {
  const mine = run.runs();
  const listed = new Map<string, string>();
  const inHunks = new Set<string>();
  let found = 0;
  let summed = false;
  let broken = false;
  let file: string | null = null;
  let hunk: { own: DiffHunk; raw: string; from: number } | null = null;
  return {
    line(line, _stream, previous) {
      if (hunk?.own.line(line)) {
        if (hunk.raw.length < 4000) hunk.raw += `\n${line.slice(0, 1000)}`;
        if (!hunk.own.done) return 'more';
        flush();
        // What comes next has a cue of its own; the other stream is not to be kept waiting.
        return 'yes';
      }
      flush();
      const plus = how.diffOf === undefined ? undefined : /^\+\+\+ (\S.{0,1100})$/.exec(line)?.[1];
      if (plus !== undefined) {
        const minus = /^--- (\S.{0,1100})$/.exec(previous)?.[1];
        file = minus === undefined ? null : (how.diffOf?.(minus, plus) ?? null);
        return file === null ? 'no' : 'more';
      }
      if (file !== null && line.startsWith('@@ -')) {
        const own = diffHunk(line);
        if (own === null) return 'no';
        hunk = { own, raw: line, from: Number(/^@@ -(\d{1,7})/.exec(line)?.[1]) };
        return 'more';
      }
      file = null;
      const named = how.listed?.exec(line)?.[1] ?? (mine ? how.bare?.exec(line)?.[1] : undefined);
      if (named !== undefined) {
        if (listed.size < maxListed) listed.set(named, line.slice(0, 2000));
        run.saw();
        return 'yes';
      }
      if (how.sum?.test(line) && (mine || found > 0 || listed.size > 0)) {
        summed = true;
        run.saw();
        return 'yes';
      }
      const wrong = mine ? how.fault?.exec(line) : null;
      if (wrong) {
        broken = true;
        const place = { line: Number(wrong[2]), column: wrong[3] === undefined ? null : Number(wrong[3]) };
        report(wrong[1] ?? null, 'syntax', (wrong[4] ?? '').trim() || 'cannot be parsed', line, place);
        return 'yes';
      }
      if (!mine || !how.crash?.test(line)) return 'no';
      broken = true;
      run.crashed(line.slice(0, 1000));
      return 'yes';
    },
    end() {
      flush();
      for (const [path, raw] of listed) if (!inHunks.has(path)) format(path, raw, { line: null });
      return !broken && (summed || (found > 0 && run.alone()));
    },
  };

  function flush() {
    if (hunk === null || file === null) return;
    const { own, raw, from } = hunk;
    hunk = null;
    if (!own.done) broken = true;
    if (inHunks.size < maxListed) inHunks.add(file);
    const change = own.change();
    const last = change === null ? null : Math.max(change.start, change.end - 1);
    format(file, raw, { line: change?.start ?? from, end_line: last, edits: editsOf(file, change) });
  }

  function format(path: string, raw: string, more: { line: number | null; end_line?: number | null; edits?: Edit[] }) {
    report(path, 'format', `is not formatted as ${how.tool} would`, raw, more);
  }

  function report(
    path: string | null,
    code: 'format' | 'syntax',
    message: string,
    raw: string,
    more: { line: number | null; column?: number | null; end_line?: number | null; edits?: Edit[] },
  ) {
    found += 1;
    const severity = code === 'syntax' ? 'error' : 'warn';
    run.report({ kind: 'lint', severity, code, tool_code: null, file: path, message, raw, ...more });
  }
}
