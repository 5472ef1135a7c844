import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { logSigns } from '../../../../../services/parser/rules/log-signs.ts';
import { sameWork } from '../../../../../services/parser/rules/scripts/script-change.ts';
import { filesFrom, type Script, scriptAt } from '../../../../../services/parser/rules/scripts/script-files.ts';
import { scriptVerdict, soleStart } from '../../../../../services/parser/rules/scripts/script-proof.ts';

const command: Script = { path: '', kind: 'shell', text: 'sh ./lint.sh', by: null };
const behind = (text: string): Script[] => [command, scriptAt('lint.sh', text, command)];
const ended = (text: string, more = {}) =>
  scriptVerdict({
    ...{ programs: ['linter'], now: behind(text), before: behind(text) },
    ...{ failed: false, seen: false, missing: false, trouble: false, ...more },
  }).says;

const table: readonly (readonly [text: string, says: string])[] = [
  ['set -e\nlinter .\necho done', 'proved'],
  ['#!/bin/sh -e\nlinter .\necho done', 'proved'],
  ['set -euo pipefail\nlinter . | tee out', 'proved'],
  ['linter . | tee out', 'likely'],
  ['echo linting\nlinter .', 'proved'],
  ['linter . || exit 1\necho done', 'proved'],
  ['linter . || exit 0', 'likely'],
  ['linter . || status=1\nother . || status=1\nexit $status', 'proved'],
  ['linter . || status=1\nother .', 'likely'],
  ['linter .\necho done', 'likely'],
  ['linter . || true', 'likely'],
  ['set -e\nlinter . || true', 'likely'],
  ['set -e\nif linter .; then echo fine; fi', 'likely'],
  ['set -e\n! linter .', 'likely'],
  ['linter . &', 'likely'],
  ['linter . 2>/dev/null || true', 'none'],
  ['for one in *.c; do linter "$one"; done', 'likely'],
  ['set -e\nfor one in *.c; do linter "$one"; done', 'proved'],
  ['# linter .\necho nothing', 'none'],
  ['pip install linter\necho nothing', 'none'],
  ['command -v linter || exit 0\nlinter .', 'none'],
  ['command -v linter >/dev/null || { echo "no linter"; exit 1; }\nlinter .', 'proved'],
  ['if ! command -v linter; then\n  echo missing\n  exit 2\nfi\nlinter .', 'proved'],
  ['cd src && linter .', 'proved'],
  ['set -e\n[ -d src ] && linter .', 'proved'],
  ['linter .\nexit $?', 'proved'],
  ['linter .\nexit 0', 'likely'],
  ['set -e\ncd src && linter .\necho done', 'likely'],
  ['set -e\nif [ -d src ]; then\n  linter .\nfi', 'likely'],
  ['set -e\ncase $1 in\n  all) linter . ;;\nesac', 'likely'],
  ['linter $(git diff --name-only HEAD~1)', 'none'],
  ['set -e\nlinter --changed-since main', 'none'],
];

test('a script says what the exit code 0 of its command proves of a linter', () => {
  for (const [text, says] of table) assert.equal(ended(text), says, text);
});

const tasks = (path: string, text: string): Script[] => {
  const by: Script = { ...command, text: path === 'package.json' ? 'npm run lint' : 'make lint' };
  return [by, scriptAt(path, text, by)];
};
const sole: readonly (readonly [what: string, scripts: readonly Script[], start: string | null])[] = [
  ['stops at the first failure', behind('#!/bin/sh\nset -e\ncd web\nlinter src\nother\necho ok'), 'linter src'],
  ['ends with it', behind('echo linting\nlinter src'), 'linter src'],
  ['passes its code on', behind('linter src || exit $?\necho ok'), 'linter src'],
  ['names a folder once', behind('SRC="src lib"\nset -e\nlinter $SRC'), 'linter src lib'],
  ['a target of make', tasks('Makefile', 'SRC := src\nlint:\n\t@linter $(SRC)\n\tother\n'), 'linter src'],
  ['a script of npm', tasks('package.json', '{"scripts": {"lint": "npx linter src", "x": "other"}}'), 'npx linter src'],
  ['a shell that is given its text', [{ ...command, text: "sh -c 'linter src'" }], 'linter src'],
  ['a folder first', [{ ...command, text: 'cd web && linter src' }], 'linter src'],
  ['two starts', behind('set -e\nlinter src\nlinter lib'), null],
  ['a loop', behind('set -e\nfor one in a b; do linter $one; done'), null],
  ['a condition', behind('set -e\nif [ -d src ]; then linter src; fi'), null],
  ['another code', behind('linter src || exit 1'), null],
  ['its code is collected', behind('linter src || status=1\nother || status=1\nexit $status'), null],
  ['goes on after a failure', behind('linter src\nother'), null],
  ['stops no more', behind('set -e\nset +e\nlinter src\nother'), null],
  ['its words go elsewhere', behind('set -e\nlinter src > out; cat out'), null],
  ['what is given from without', behind('set -e\nlinter $FILES'), null],
  ['what is asked first', behind('set -e\nlinter $(cat files)'), null],
  ['what changed alone', behind('set -e\ngit diff --name-only HEAD~1 | xargs linter'), null],
  ['a function', behind('run() { linter "$1"; }\nset -e\nrun src; run lib'), null],
  ['passed over by make', tasks('Makefile', 'lint:\n\t-linter src\n'), null],
  ['two targets', tasks('Makefile', 'lint:\n\tlinter src\nall:\n\tlinter lib\n'), null],
  [
    'a script in a loop',
    [{ ...command, text: 'for one in a b; do sh lint.sh; done' }, ...behind('linter').slice(1)],
    null,
  ],
];

test('scripts come to one command of a linter where they start it once and pass on how it ended', () => {
  for (const [what, scripts, start] of sole) assert.equal(soleStart(scripts, ['linter']), start, what);
});

test('what comes after a linter is as well as the same work, and what comes before it is not', () => {
  const same = (then: string, now: string) => sameWork(behind(now), behind(then), ['linter']);
  assert.equal(same('set -e\nlinter src', 'set -e\nlinter src\nother lib\n'), true);
  assert.equal(same('set -e\nlinter src', 'set -e\nPATH=/none\nlinter src'), false);
  assert.equal(same('set -e\nlinter src', 'set -e\nlinter src >/dev/null'), false);
  assert.equal(same('set -e\nlinter src lib', 'set -e\nlinter src'), false);
});

test('what a script starts under a condition is no proof where the script was changed', () => {
  assert.equal(ended('set -e\n[ -d src ] && linter .\nexit 0', { before: behind('linter .') }), 'none');
});

test('what is started somewhere that cannot be read needs a failure before and the same scripts', () => {
  const text = 'set -e\n"$TOOL" .';
  assert.equal(ended(text), 'none');
  assert.equal(ended(text, { failed: true }), 'likely');
  assert.equal(ended(text, { failed: true, trouble: true }), 'none');
  assert.equal(ended(text, { failed: true, before: behind('set -e\nx\n"$TOOL" .') }), 'none');
  assert.equal(ended(text, { failed: true, before: behind('set -e\nlinter .') }), 'none');
});

test('a program of Python passes on what it started where its failure was seen', () => {
  const python: Script = { ...command, text: 'python3 l.py' };
  const now = [python, scriptAt('l.py', 'subprocess.run(["linter", "."])', python)];
  const facts = { programs: ['linter'], now, before: now, seen: false, missing: false, trouble: false };
  assert.equal(scriptVerdict({ ...facts, failed: true }).says, 'proved');
  assert.equal(scriptVerdict({ ...facts, failed: false }).says, 'likely');
  assert.equal(scriptVerdict({ ...facts, failed: true, missing: true }).says, 'none');
});

test('what a command passes over is passed over in the scripts that it leads to', () => {
  const outer: Script = { ...command, text: 'sh ./ci.sh || true' };
  const middle = scriptAt('ci.sh', 'set -e\nsh tools/lint.sh', outer);
  const now = [outer, middle, scriptAt('tools/lint.sh', 'set -e\nlinter .', middle)];
  const facts = { programs: ['linter'], now, before: now, failed: true, seen: false, missing: false, trouble: false };
  assert.equal(scriptVerdict(facts).says, 'likely');
  const told = [{ ...outer, text: 'sh ./ci.sh' }, ...now.slice(1)];
  assert.equal(scriptVerdict({ ...facts, now: told, before: told }).says, 'proved');
});

test('scripts are followed from the folder of the subproject, of the script and of the repository', () => {
  const tree = new Set(['web/lint.sh', 'web/Makefile', 'ci/all.sh', 'ci/lint.py', 'tools/x.rb', 'web/a.c', 'tox.ini']);
  const from = (text: string, path = '') => filesFrom({ path, kind: 'shell', text }, 'web', tree);
  assert.deepEqual(from('./lint.sh src/*.c'), ['web/lint.sh']);
  assert.deepEqual(from('bash -e ../ci/all.sh && ruby ../tools/x.rb'), ['ci/all.sh', 'tools/x.rb']);
  assert.deepEqual(from('python3 "$(dirname "$0")"/lint.py', 'ci/all.sh'), ['ci/lint.py']);
  assert.deepEqual(from('make lint && tox -e lint'), ['web/Makefile', 'tox.ini']);
  assert.deepEqual(from("bash -c './lint.sh'"), ['web/lint.sh']);
  assert.deepEqual(from('gcc -c a.c'), []);
});

test('a log tells that a program is not there, whoever says it', () => {
  const said = (text: string) => {
    const signs = logSigns();
    for (const part of text.match(/[\s\S]{1,7}/g) ?? []) signs.hear('stderr', Buffer.from(part));
    return signs.of(['linter']);
  };
  assert.deepEqual(said('lint.sh: 3: linter: not found\n'), { missing: true, trouble: true });
  assert.deepEqual(said('/usr/bin/python3: No module named linter'), { missing: true, trouble: true });
  assert.deepEqual(said('Error: spawn linter ENOENT\n'), { missing: true, trouble: true });
  assert.deepEqual(said('lint.sh: 3: other: not found\n'), { missing: false, trouble: true });
  assert.deepEqual(said('12 passed, 0 failed\n0 errors\n'), { missing: false, trouble: false });
});

type State = { script: string; isThere: boolean; hasDefect: boolean };
const scripts = [
  ...['linter', 'set -e\nlinter\necho ok', 'linter || true', 'linter 2>/dev/null || true', 'linter\necho ok'],
  ...['command -v linter || exit 0\nlinter', 'echo off', 'set -e\n[ -d none ] && linter\nexit 0', 'linter | cat'],
  ...['for one in a b; do linter; done', 'linter || exit 1', 'sh -c linter', 'if linter; then echo ok; fi'],
];
const step: fc.Arbitrary<(state: State) => void> = fc.oneof(
  fc.constantFrom(...scripts).map((script) => (state: State) => void Object.assign(state, { script })),
  fc.boolean().map((isThere) => (state: State) => void Object.assign(state, { isThere })),
  fc.boolean().map((hasDefect) => (state: State) => void Object.assign(state, { hasDefect })),
  fc.constant(() => {}),
);

/** The shell itself says what happens: a linter that tells of the defect, and notes that it ran. */
function stage() {
  const dir = mkdtempSync(join(tmpdir(), 'scripts-'));
  mkdirSync(join(dir, 'bin'));
  return {
    dir,
    run({ script, isThere, hasDefect }: State) {
      for (const one of ['ran', 'defect', 'bin/linter']) rmSync(join(dir, one), { force: true });
      if (hasDefect) writeFileSync(join(dir, 'defect'), '');
      if (isThere) {
        writeFileSync(join(dir, 'bin/linter'), '#!/bin/sh\n: > ran\n[ -f defect ] || exit 0\necho DEFECT\nexit 1\n');
        chmodSync(join(dir, 'bin/linter'), 0o755);
      }
      writeFileSync(join(dir, 'lint.sh'), script);
      const env = { PATH: `${join(dir, 'bin')}:/usr/bin:/bin` };
      const { status, stdout, stderr } = spawnSync('sh', ['lint.sh'], { cwd: dir, env });
      const ran = execFileSync('sh', ['-c', '[ -f ran ] && echo yes || true'], { cwd: dir }).length > 0;
      return { ran, code: status ?? 1, out: Buffer.concat([stdout, stderr]) };
    },
  };
}

test('in any history nothing is closed where the linter did not run, and what is gone is closed within two runs that say so', () => {
  const { dir, run } = stage();
  const history = fc.tuple(fc.constantFrom(...scripts), fc.array(step, { minLength: 2, maxLength: 6 }));
  fc.assert(
    fc.property(history, ([script, steps]) => {
      const state: State = { script, isThere: true, hasDefect: true };
      let open: { failed: boolean; before: Script[] } | null = null;
      /** The scripts of an earlier silent run that was likely a proof. */
      let likely: string | null = null;
      let shown = 0;
      for (const change of [() => {}, ...steps]) {
        change(state);
        const { ran, code, out } = run(state);
        const now = behind(state.script);
        if (out.includes('DEFECT')) {
          open = { failed: code !== 0, before: now };
          likely = null;
          shown = 0;
          continue;
        }
        if (open === null || code !== 0) continue;
        const signs = logSigns();
        signs.hear('stdout', out);
        const { says } = scriptVerdict({ programs: ['linter'], now, ...open, seen: false, ...signs.of(['linter']) });
        const closes = says === 'proved' || (says === 'likely' && likely === state.script);
        if (closes) assert.ok(ran, `closed, though the linter did not run: ${JSON.stringify(state)}`);
        if (says === 'likely') likely = state.script;
        const isTold = ran && !/command -v|\/dev\/null|\[ -d/.test(state.script);
        shown = isTold && sameWork(now, open.before) ? shown + 1 : 0;
        if (closes) open = null;
        else assert.ok(shown < 3, `still open: ${JSON.stringify(state)}`);
      }
    }),
    { numRuns: 60 },
  );
  rmSync(dir, { recursive: true });
});
