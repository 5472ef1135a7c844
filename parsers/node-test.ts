import type { Machine, Parser, Run } from './define.ts';

const maxBlock = 80;
const subtest = /^( *)# Subtest: (.*)$/;
const notOk = /^( *)not ok \d{1,9}(?: - (.*))?$/;
const directive = /(?<!\\)# ?(?:TODO|SKIP)\b/i;
const frame = /(?:\(|\s|^)((?:file:\/\/)?\/[^\s()]{1,1000}|[A-Za-z]:[^\s()]{1,1000}):(\d{1,7}):(\d{1,7})\)?/g;

/** Node's own test runner: the TAP and the spec reporter. Parents of a failing test are not counted. */
export const nodeTest: Parser = {
  name: 'node-test',
  tool: 'node-test',
  languages: ['typescript'],
  recipes: ['test'],
  programs: ['node'],
  cues: ['not ok ', '# Subtest: ', ' failing tests:', ' cancelled '],
  start,
};

function start(run: Run): Machine {
  let cancelled: number | null = null;
  let path: string[] = [];
  /** A `not ok` whose YAML is being read. */
  let open: { name: string; indent: number; lines: string[] } | null = null;
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
      if (!/^'?\d+ subtests? failed/.test(message))
        report(spec.name, message || 'failed', location, spec.lines.join('\n'));
    }
    if (spec !== null) spec = { at: null, name: null, lines: [] };
  };

  return {
    line(line) {
      if (open !== null) {
        const own = open;
        if (own.lines.length === 0 && line.trim() !== '---') open = null;
        else if (line === `${' '.repeat(own.indent)}...`) {
          tap(own.name, own.lines);
          open = null;
          return 'yes';
        } else {
          if (own.lines.length < maxBlock) own.lines.push(line.slice(0, 2000));
          return 'more';
        }
      }
      if (spec !== null && specLine(line)) return 'more';
      const title = subtest.exec(line);
      if (title !== null) {
        const depth = Math.min((title[1]?.length ?? 0) / 4, 64);
        path = [...path.slice(0, depth), unescaped(title[2] ?? '')];
        return 'yes';
      }
      const failed = notOk.exec(line);
      if (failed !== null) {
        if (directive.test(failed[2] ?? '')) return 'yes';
        const indent = failed[1]?.length ?? 0;
        const name = [...path.slice(0, indent / 4), unescaped(failed[2] ?? '')].join(' > ');
        open = { name, indent: indent + 2, lines: [] };
        return 'more';
      }
      const ended = /^(?:#|\u2139) cancelled (\d{1,7})$/.exec(line);
      if (ended !== null) {
        cancelled = (cancelled ?? 0) + Number(ended[1]);
        run.saw();
        return 'yes';
      }
      if (!/^\u2716 failing tests:$/.test(line)) return 'no';
      run.saw();
      spec = { at: null, name: null, lines: [] };
      return 'more';
    },
    end(exit) {
      closeSpec();
      return cancelled === 0 && (exit.exitCode === 0 || exit.exitCode === 1);
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
    } else if (name !== undefined && spec.name === null) spec.name = name;
    else if (/^\u26a0 /.test(line)) spec.name = null;
    else if (line === '' || line.startsWith('  ')) {
      if (spec.name !== null && spec.lines.length < maxBlock) spec.lines.push(line.slice(0, 2000));
    } else {
      closeSpec();
      spec = null;
      return false;
    }
    return true;
  }

  function tap(name: string, lines: readonly string[]) {
    const text = lines.join('\n');
    const type = /^\s+failureType: '?(\w{1,60})/m.exec(text)?.[1];
    // Without it the lines are another runner's.
    if (type === undefined) return;
    run.saw();
    if (type === 'subtestsFailed') return;
    const at = /^\s+location: '(.{1,1023}):(\d{1,7}):(\d{1,7})'$/m.exec(text);
    report(name, errorOf(lines), at === null ? null : [at[1] ?? '', Number(at[2]), Number(at[3])], text);
  }
}

/** `error: 'one line'`, or `error: |-` with deeper lines under it. */
function errorOf(lines: readonly string[]): string {
  const at = lines.findIndex((line) => /^\s+error: /.test(line));
  const line = lines[at] ?? '';
  const value = line.trim().slice('error: '.length);
  if (!value.startsWith('|')) return value.replace(/^'([\s\S]*)'$/, '$1').replaceAll("\\'", "'") || 'failed';
  const indent = line.search(/\S/);
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((one) => one.trim() !== '' && one.search(/\S/) <= indent);
  return rest
    .slice(0, end === -1 ? 20 : end)
    .map((one) => one.trim())
    .join(' ');
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

function unescaped(name: string): string {
  return name.replace(/\\([#\\])/g, '$1').trim();
}
