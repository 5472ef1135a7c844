import type { Machine, Parser, Run, Tally } from './define.ts';

const maxBlock = 80;
const tallyWords: Record<string, keyof Tally> = { pass: 'passed', fail: 'failed', cancelled: 'failed' };
const frame = /(?:\(|\s|^)((?:file:\/\/)?\/[^\s()]{1,1000}|[A-Za-z]:[^\s()]{1,1000}):(\d{1,7}):(\d{1,7})\)?/g;

/** Node's own test runner with the spec reporter; its TAP is read by `tap.ts`. Parents of a failing test are not counted. */
export const nodeTest: Parser = {
  name: 'node-test',
  recipes: ['test'],
  cues: [
    ' failing tests:',
    'Failed tests:',
    'ms)',
    ' tests ',
    ' pass ',
    ' fail ',
    ' cancelled ',
    ' skipped ',
    ' todo ',
  ],
  start,
};

function start(run: Run): Machine {
  let cancelled: number | null = null;
  /** The tree: tests without tests below them, and parents that failed because of those. */
  let leaves = 0;
  let failedParents = 0;
  let depth = 0;
  let tests = 0;
  let failed = 0;
  let listed = 0;
  /** The dot reporter's list names no places, and its end no sums. */
  let bare = false;
  let spec: { at: RegExpExecArray | null; name: string | null; lines: string[] } | null = null;

  const report = (name: string, message: string, location: readonly [string, number, number] | null, text: string) => {
    const raised = raisedAt(text, run);
    const [file, line, column] = raised ?? location ?? [null, null, null];
    run.report({ kind: 'test_fail', severity: 'error', code: name, message, file, line, column, raw: text });
  };
  const closeSpec = () => {
    if (spec?.name != null) {
      const location = spec.at === null ? null : ([spec.at[1] ?? '', Number(spec.at[2]), Number(spec.at[3])] as const);
      const words = spec.lines.findIndex((line) => /^\s+at /.test(line));
      const message = spec.lines
        .slice(0, words === -1 ? 10 : words)
        .map((line) => line.trim())
        .join(' ')
        .trim();
      if (!/^'?\d+ subtests? failed/.test(message)) {
        listed += 1;
        report(spec.name, message || 'failed', location, spec.lines.join('\n'));
      }
    }
    if (spec !== null) spec = { at: null, name: null, lines: [] };
  };

  return {
    line(line) {
      if (spec !== null && specLine(line)) return 'more';
      const result = /^( {0,80})[\u2714\u2716\ufe63\u25b6] .{0,1000}?\([\d.]{1,20}ms\)/.exec(line);
      if (result !== null) {
        const own = result[1]?.length ?? 0;
        if (own >= depth) leaves += 1;
        else if (/^ {0,80}[\u2716\u25b6]/.test(line)) failedParents += 1;
        depth = own;
        return 'yes';
      }
      const all = /^\u2139 tests (\d{1,7})$/.exec(line)?.[1];
      if (all !== undefined) {
        tests += Number(all);
        return 'yes';
      }
      const sum = /^\u2139 (pass|fail|cancelled|skipped|todo) (\d{1,7})$/.exec(line);
      if (sum?.[1] === 'fail') failed += Number(sum[2]);
      else if (sum !== null) run.counted({ [tallyWords[sum[1] ?? ''] ?? 'skipped']: Number(sum[2]) });
      const ended = /^\u2139 cancelled (\d{1,7})$/.exec(line);
      if (ended !== null) {
        cancelled = (cancelled ?? 0) + Number(ended[1]);
        run.saw();
        return 'yes';
      }
      bare = line === 'Failed tests:' && run.runs('node --test');
      if (!bare && !/^\u2716 failing tests:$/.test(line)) return sum === null ? 'no' : 'yes';
      run.saw();
      spec = { at: null, name: null, lines: [] };
      return 'more';
    },
    end() {
      closeSpec();
      // A test that failed because of its subtests counts, and is not in the list; a suite does not count.
      const parents = Math.max(0, Math.min(failedParents, tests - leaves, failed - listed));
      if (failed > 0) run.counted({ failed: failed - parents });
      return cancelled === 0;
    },
  };

  /** In the list at the end: `test at file:line:col`, `✖ name (1.2ms)`, the error two blanks in. */
  function specLine(line: string): boolean {
    if (spec === null) return false;
    const at = /^test at (.{1,1023}):(\d{1,7}):(\d{1,7})$/.exec(line);
    const name = /^\u2716 (.{1,1000}?) \([\d.]{1,20}ms\)$/.exec(line)?.[1];
    if (at !== null) {
      closeSpec();
      spec = { at, name: null, lines: [] };
    } else if (name !== undefined && (spec.name === null || bare)) {
      if (spec.name !== null) closeSpec();
      spec = { at: spec.at, name, lines: [] };
    } else if (/^\u26a0 /.test(line)) spec.name = null;
    else if (line === '' || line.startsWith('  ')) {
      if (spec.name !== null && spec.lines.length < maxBlock) spec.lines.push(line.slice(0, 2000));
    } else {
      closeSpec();
      spec = null;
      return false;
    }
    return true;
  }
}

/** The first frame of the stack that is in the repository and none of its dependencies. */
function raisedAt(text: string, run: Run): readonly [string, number, number] | null {
  for (const found of text.matchAll(frame)) {
    const inside = run.path(found[1] ?? '');
    const before = text.slice(Math.max(0, (found.index ?? 0) - 12), found.index);
    if (inside === null || inside.includes('node_modules/') || before.includes('location:')) continue;
    return [found[1] ?? '', Number(found[2]), Number(found[3])];
  }
  return null;
}
