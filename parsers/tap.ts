import type { Machine, Parser, Run, Stream, Taken, Tally } from './define.ts';
import { placeInText } from './engine/place-in-text.ts';
import { belongsTo, type OpenBlock, tapBlock } from './engine/tap-block.ts';
import { plus } from './engine/test-counts.ts';

const maxNesting = 32;
const testLine = /^( {0,128})(not )?ok\b(?: {1,8}(\d{1,9})\b)? {0,8}(?:- {0,8})?(.*)$/;
const plan = /^( {0,128})1\.\.(\d{1,9})(?: *#.*)?$/;
const directive = /(?:^|\s)# ?(?:todo|skip)\b/i;
/** Node's own, which count no suites. */
const sums = ['pass', 'fail', 'cancelled', 'skipped', 'todo'];
/** Programs whose TAP is theirs; any other's is `tap`. */
const producers = ['bats', 'vitest', 'mocha', 'prove'] as const;

/**
 * TAP 13 and 14 of any producer: bats, vitest, mocha, Perl, and Node's own, whose findings are `node-test`'s. Parents
 * of a failing subtest are not counted, TODO and SKIP are no failures, and only a plan that came true proves an end.
 */
export const tap: Parser = {
  name: 'tap',
  recipes: ['test'],
  cues: ['ok ', 'not ok', 'TAP version ', '1..', 'Bail out!', '# Subtest: ', ...sums.map((word) => `# ${word} `)],
  start,
};

type Level = { name: string; failed: boolean; buffered: boolean };

function start(run: Run): Machine {
  const tool = producers.find((one) => run.runs(one)) ?? 'tap';
  let isNode = false;
  let isBats = false;
  /** Something that looks like TAP was there; `proved` when it said so itself. */
  let seen = false;
  let proved = false;
  let inLines: Tally | null = null;
  let inSums: Tally | null = null;
  let planned = 0;
  let counted = 0;
  let plans = 0;
  let bailed = false;
  let cancelled = false;
  let parents = 0;
  /** What is open is a test with subtests of which one failed. */
  let parent = false;
  let open: OpenBlock | null = null;
  /** By depth: the subtest that is open there, and whether one of its children failed. */
  let levels: Level[] = [];

  const toolOf = () => (isNode || run.runs('node --test') ? 'node-test' : isBats && tool === 'tap' ? 'bats' : tool);
  const level = (depth: number): Level => {
    while (levels.length <= depth) levels.push({ name: '', failed: false, buffered: false });
    return levels[depth] as Level;
  };

  return {
    line(line, stream) {
      if (open !== null && open.stream === stream && belongsTo(open, line)) return 'more';
      flush();
      if (/^TAP version 1[2-4]$/.test(line)) {
        saw();
        return 'more';
      }
      const title = /^( {0,128})# Subtest: (.*)$/.exec(line);
      if (title !== null) {
        level(depthOf(title[1])).name = unescaped(title[2] ?? '').slice(0, 2000);
        seen = true;
        return 'yes';
      }
      const ahead = plan.exec(line);
      if (ahead !== null) {
        if (ahead[1] === '') {
          saw();
          plans += 1;
          planned += Number(ahead[2]);
        }
        return ahead[1] === '' || seen ? 'more' : 'no';
      }
      const given = /^# (pass|fail|cancelled|skipped|todo) (\d{1,9})$/.exec(line);
      if (given !== null && seen) {
        if (given[1] === 'cancelled') {
          isNode = true;
          cancelled ||= given[2] !== '0';
        }
        const kind = given[1] === 'pass' ? 'passed' : /^[fc]/.test(given[1] ?? '') ? 'failed' : 'skipped';
        inSums = plus(inSums, { [kind]: Number(given[2]) });
        return 'yes';
      }
      if (/^Bail out!/.test(line)) {
        bailed = true;
        run.crashed(line.slice(0, 1000), toolOf());
        return 'yes';
      }
      if (/^ {0,128}\}$/.test(line)) return seen ? endOfGroup(line) : 'no';
      const found = testLine.exec(line);
      // Prose begins with `ok` too: a first line of TAP says so, or counts from one.
      if (found === null || (!seen && found[3] !== '1')) return 'no';
      return result(found, stream);
    },
    end() {
      flush();
      // Whose it was is known only now.
      if (proved) run.saw(toolOf());
      const summed: Tally | null =
        inSums === null ? null : { ...inSums, failed: Math.max(0, (inSums.failed ?? 0) - parents) };
      const told = isNode ? (summed ?? inLines) : inLines;
      // Linters print this format as well.
      if (proved && told !== null && /^(?:test|build)$/.test(run.context.recipe)) run.counted(told, toolOf());
      const whole = plans > 0 && planned === counted && !bailed && !cancelled;
      return whole;
    },
  };

  function saw() {
    seen = true;
    proved = true;
  }

  function result(found: RegExpExecArray, stream: Stream): Taken {
    const depth = depthOf(found[1]);
    const indent = found[1]?.length ?? 0;
    const words = found[4] ?? '';
    seen = true;
    if (depth === 0) counted += 1;
    const own = level(depth);
    const failedBelow = levels[depth + 1]?.failed === true;
    const name = unescaped(
      words
        .slice(0, 2000)
        .replace(/ # (?:time|duration)[=:_].{0,60}$/i, '')
        .replace(/\{$/, ''),
    );
    const isParent = levels.length > depth + 1 || words.endsWith('{');
    const kind = directive.test(words) ? 'skipped' : found[2] === undefined ? 'passed' : 'failed';
    if (!isParent) inLines = plus(inLines, { [kind]: 1 });
    levels = levels.slice(0, depth + 1);
    own.name = name;
    own.buffered = words.endsWith('{');
    if (found[2] === undefined || directive.test(words)) return 'more';
    own.failed = true;
    if (depth > 0) markFailed(depth);
    if (own.buffered) return 'more';
    parent = failedBelow;
    const path = levels.slice(0, depth).map((one) => one.name);
    const named = [...path, name].filter((one) => one !== '').join(' > ');
    open = { name: named || `test ${found[3] ?? counted}`, indent, lines: [], yaml: false, stream };
    return 'more';
  }

  function markFailed(depth: number) {
    for (let at = depth; at > 0; at -= 1) level(at).failed = true;
  }

  /** vitest's suites come before what is in them; one that failed without a failing test failed to load. */
  function endOfGroup(line: string): Taken {
    const depth = depthOf(line.slice(0, -1));
    const own = levels[depth];
    if (own?.buffered && own.failed && levels[depth + 1]?.failed !== true) {
      const named = levels.slice(0, depth + 1).map((one) => one.name);
      report(named.join(' > '), [], line);
    }
    levels = levels.slice(0, depth + 1);
    if (own !== undefined) own.buffered = false;
    return 'more';
  }

  function flush() {
    if (open === null) return;
    const { name, lines } = open;
    open = null;
    if (!parent) return report(name, lines, `not ok ${name}`);
    parent = false;
    // Node counts a test that failed because of its subtests, but no suite.
    const isTest = lines.some((line) => /^\s*type: '?test'?$/.test(line));
    if (isTest && tapBlock(lines).failureType === 'subtestsFailed') parents += 1;
  }

  function report(name: string, lines: readonly string[], head: string) {
    const { message, failureType, at } = tapBlock(lines);
    if (failureType !== null) isNode = true;
    if (failureType === 'subtestsFailed') return;
    const text = lines.join('\n');
    if (/^# \((?:in test file|from function) /m.test(text) || /^\s+\((?:in test file|from function) /m.test(text))
      isBats = true;
    // Node's own place is that of the test, its stack has that of the failure.
    const without = isNode ? text.replace(/^\s+location: .*$/m, '') : text;
    const raised = at === null || isNode ? placeInText(without, run) : null;
    const [file, line, column] = raised === null ? (at ?? []) : [raised.file, raised.line, raised.column];
    run.report({
      kind: 'test_fail',
      severity: 'error',
      tool: toolOf(),
      code: name,
      message: message || 'failed',
      file: file ?? null,
      line: line ?? null,
      column: column ?? null,
      raw: `${head}\n${text}`,
    });
  }
}

function depthOf(blanks: string | undefined): number {
  return Math.min(Math.floor((blanks?.length ?? 0) / 4), maxNesting);
}

function unescaped(name: string): string {
  return name.replace(/\\([#\\])/g, '$1').trim();
}
