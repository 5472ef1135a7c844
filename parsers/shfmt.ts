import type { Machine, Parser, Run } from './define.ts';
import { type DiffHunk, diffHunk } from './engine/diff-hunk.ts';

const script = /\.(?:sh|bash|bats|ksh|mksh|zsh|dash)$/;
const syntax = /^(\S[^:]{0,1000}):(\d{1,7}):(\d{1,7}): (?!(?:error|warning|note|info|style)\b)(\S.*)$/;

/** `shfmt -d` and `-l`: one finding a hunk, with the lines that shfmt would write as a safe edit. */
export const shfmt: Parser = {
  name: 'shfmt',
  tool: 'shfmt',
  recipes: ['lint'],
  quiet: true,
  cues: ['--- ', '+++ ', '@@ -', '.sh', '.bash', '.bats'],
  start,
};

function start(run: Run): Machine {
  const mine = run.runs();
  const lists = mine && /(?:^|\s)(?:-\w*l\w*|--list)(?:\s|=|$)/.test(run.context.command);
  let seen = 0;
  let broken = false;
  let file: string | null = null;
  let hunk: { own: DiffHunk; raw: string; from: number } | null = null;
  return {
    line(line, _stream, previous) {
      if (hunk?.own.line(line)) {
        if (hunk.raw.length < 4000) hunk.raw += `\n${line.slice(0, 1000)}`;
        // What comes next has a cue of its own; the other stream is not to be kept waiting.
        return hunk.own.done ? 'yes' : 'more';
      }
      flush();
      const target = /^\+\+\+ (\S.{0,1000}?)(?:\t.*)?$/.exec(line)?.[1];
      if (target !== undefined) {
        const named = /^--- (\S.{0,1000}?)\.orig(?:\t.*)?$/.exec(previous)?.[1] === target;
        file = named && (mine || script.test(target)) && !target.endsWith('.go') ? target : null;
        return file === null ? 'no' : 'more';
      }
      if (file !== null && line.startsWith('@@ -')) {
        const own = diffHunk(line);
        if (own === null) return 'no';
        hunk = { own, raw: line, from: Number(/^@@ -(\d{1,7})/.exec(line)?.[1]) };
        return 'more';
      }
      file = null;
      if (!mine) return 'no';
      const wrong = syntax.exec(line);
      if (wrong !== null) {
        broken = true;
        report(wrong[1] ?? '', Number(wrong[2]), wrong[4] ?? '', 'syntax', line, { column: Number(wrong[3]) });
        return 'yes';
      }
      if (!lists || !/^[\w./@+-]{1,1000}$/.test(line) || !script.test(line)) return 'no';
      report(line, null, 'is not formatted as shfmt would', 'format', line, {});
      return 'yes';
    },
    end() {
      flush();
      // A list may name files that do not look like scripts; an exit code of 0 says nothing beside it.
      if (lists) run.saw();
      return !lists && !broken && seen > 0 && run.alone();
    },
  };

  function flush() {
    if (hunk === null || file === null) return;
    const { own, raw, from } = hunk;
    hunk = null;
    if (!own.done) broken = true;
    const change = own.change();
    const edits =
      change === null
        ? []
        : [
            {
              file,
              start: { line: change.start, column: 1 },
              end: { line: change.end, column: 1 },
              text: change.text,
              safe: true,
            },
          ];
    const last = change === null ? null : Math.max(change.start, change.end - 1);
    report(file, change?.start ?? from, 'is not formatted as shfmt would', 'format', raw, { edits, end_line: last });
  }

  function report(
    path: string,
    line: number | null,
    message: string,
    code: string,
    raw: string,
    more: Partial<Parameters<Run['report']>[0]>,
  ) {
    seen += 1;
    const severity = code === 'syntax' ? 'error' : 'warn';
    run.report({ kind: 'lint', severity, code, tool_code: null, file: path, line, message, raw, ...more });
  }
}
