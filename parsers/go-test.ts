import type { Machine, Parser, Run } from './define.ts';
import { type GoPackage, goPackage } from './engine/go-package.ts';
import { type Fields, fields, isFields, numberOf, textOf, wordOf } from './engine/json-value.ts';
import { detached } from './engine/plain-text.ts';

const actions = new Set([
  'start',
  'run',
  'pause',
  'cont',
  'pass',
  'bench',
  'fail',
  'output',
  'skip',
  'attr',
  'build-output',
  'build-fail',
]);
const maxPackages = 500;
const maxTests = 5000;
const maxRunning = 20_000;

/** `go test`, as text and with `-json` (before and since Go 1.24). Parents of a failing subtest are not counted. */
export const goTest: Parser = {
  name: 'go-test',
  recipes: ['test'],
  json: {
    is: (value) =>
      isFields(value) &&
      typeof value.Action === 'string' &&
      actions.has(value.Action) &&
      ('Package' in value || 'ImportPath' in value),
    cut: ['"Action":"', '"Package":"'],
  },
  cues: ['--- FAIL: ', '=== ', 'FAIL\t', 'ok  \t', '?   \t', 'panic: '],
  start,
};

function start(run: Run): Machine {
  const packages = new Map<string, GoPackage>();
  const room = { tests: maxTests, running: { room: maxRunning } };
  let plain = goPackage(run, room);
  let finished = 0;
  let broken = false;
  const named = (name: string) => {
    const known = packages.get(name) ?? goPackage(run, room);
    if (packages.size < maxPackages) packages.set(name, known);
    else if (!packages.has(name)) broken = true;
    return known;
  };
  /** Tests of which others were a part: they are none of their own. */
  const parents = new Set<string>();
  const ended = (suite: string, test: string, { Action, Elapsed }: Fields) => {
    const parent = test.slice(0, Math.max(test.lastIndexOf('/'), 0));
    if (parent !== '' && parents.size < maxTests) parents.add(detached(`${suite} ${parent}`));
    if (parents.delete(`${suite} ${test}`)) return;
    const outcome = Action === 'fail' ? 'failed' : Action === 'pass' ? 'passed' : 'skipped';
    const seconds = numberOf(Elapsed);
    run.test({ suite, name: test, outcome, duration_ms: seconds === null ? null : seconds * 1000 });
  };
  return {
    json(value) {
      const event = fields(value);
      const name = textOf(event.Package);
      if (name === null) {
        if (event.Action === 'build-output') compileError(textOf(event.Output) ?? '');
        return;
      }
      const own = named(name);
      const test = textOf(event.Test);
      if (test !== null && event.Action === 'run') own.tally.ran(test);
      if (test !== null && /^(?:pass|fail|skip)$/.test(wordOf(event.Action))) {
        own.tally.ended(test, wordOf(event.Action));
        ended(name, test, event);
      }
      if (event.Action === 'output') own.output(textOf(event.Output) ?? '', test);
      else if (test !== null && event.Action === 'fail') own.fail(test);
      else if (test !== null && (event.Action === 'pass' || event.Action === 'skip')) own.forget(test);
      else if (test === null && /^(?:pass|fail|skip)$/.test(wordOf(event.Action))) {
        finished += 1;
        if (event.FailedBuild !== undefined || own.broken) broken = true;
        own.close(name, event.Action === 'fail');
        packages.delete(name);
      }
    },
    line(line) {
      const end = /^(FAIL|ok {2}|\? {3})\t(\S{1,500})(?:[\t ](.*))?$/.exec(line);
      if (end !== null) {
        run.saw();
        finished += 1;
        if (/\[(?:build|setup) failed\]/.test(end[3] ?? '') || plain.broken) broken = true;
        plain.output(`${line}\n`, null);
        plain.close(end[2] ?? '', end[1] === 'FAIL');
        plain = goPackage(run, room);
        return 'yes';
      }
      if (/^\s*--- FAIL: |^=== (?:RUN|CONT|NAME|PAUSE) |^panic: /.test(line)) run.saw();
      else if (!plain.open) return 'no';
      plain.output(`${line}\n`, null);
      // Log lines have no mark of their own: they come right before or after these.
      return 'more';
    },
    end() {
      for (const [name, own] of packages) own.close(name, false);
      plain.close('', false);
      return finished > 0 && !broken && packages.size === 0;
    },
  };

  function compileError(output: string) {
    const at = /^(\S[^:]{0,1023}\.go):(\d{1,7})(?::(\d{1,7}))?: (.*)$/.exec(output.trimEnd());
    if (at === null) return;
    broken = true;
    run.report({
      kind: 'lint',
      severity: 'error',
      tool: 'go-build',
      code: 'compile',
      file: at[1] ?? null,
      line: Number(at[2]),
      column: at[3] === undefined ? null : Number(at[3]),
      message: at[4] ?? '',
      raw: output,
    });
  }
}
