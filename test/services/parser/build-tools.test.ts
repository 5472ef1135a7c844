import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';

type Trial = {
  readonly needs: readonly string[];
  readonly language: string;
  readonly command: string;
  readonly files: Readonly<Record<string, string>>;
  readonly mended: Readonly<Record<string, string>>;
  /** What it is called whose finding is to be closed, and whether the exit code proves that. */
  readonly tool: string;
  readonly closes: boolean;
};

const unused = '#include <stdio.h>\nint main(void) {\n  int unused;\n  printf("hello\\n");\n  return 0;\n}\n';
const used = unused.replace('  int unused;\n', '');
const makefile = (recipe: string) => `all: a\n\na: a.o\n\tcc a.o -o a\n\na.o: a.c\n\t${recipe}\n`;
const c = { language: 'c', tool: 'gcc', mended: { 'a.c': used } };
const cmake = 'cmake_minimum_required(VERSION 3.5)\nproject(a C)\nadd_compile_options(-Wall)\nadd_executable(a a.c)\n';
const missing = 'int f(void);\nint main(void) { return f(); }\n';
const wrong = 'package main\n\nfunc main() { nothing() }\n';
const module = { 'go.mod': 'module example.org/a\n\ngo 1.20\n', 'a.go': wrong };
const go = {
  needs: ['go'],
  language: 'go',
  files: module,
  mended: { 'a.go': 'package main\n\nfunc main() {}\n' },
  closes: true,
};
const script = (text: string) => ({ private: true, name: 'a', version: '1.0.0', scripts: { build: text } });
const typescript = (text: string) => ({
  ...{ needs: ['tsc', 'npm'], language: 'typescript', command: 'npm run build', tool: 'tsc' },
  files: {
    'package.json': JSON.stringify(script(text)),
    'tsconfig.json': '{"compilerOptions": {"noEmit": true, "types": []}, "files": ["a.ts"]}',
    'a.ts': 'export const a: number = "one";\n',
  },
  mended: { 'a.ts': 'export const a: number = 1;\n' },
});

const trials: Readonly<Record<string, Trial>> = {
  make: {
    ...c,
    needs: ['make', 'cc'],
    command: 'make',
    files: { Makefile: makefile('cc -Wall -c a.c'), 'a.c': unused },
    closes: true,
  },
  'make that says nothing': {
    ...{ ...c, needs: ['make', 'cc'], command: 'make -s', closes: true },
    files: { Makefile: makefile('@cc -Wall -c a.c'), 'a.c': unused },
  },
  'make whose failures are passed over': {
    ...{ ...c, needs: ['make', 'cc'], command: 'make || true', closes: false },
    files: { Makefile: makefile('cc -Wall -c a.c'), 'a.c': unused },
  },
  'cmake with make': {
    ...{ ...c, needs: ['cmake', 'make', 'cc'], command: 'cmake -S . -B out && cmake --build out', closes: true },
    files: { 'CMakeLists.txt': cmake, 'a.c': unused },
  },
  'cmake with ninja': {
    ...{ ...c, needs: ['cmake', 'ninja', 'cc'], command: 'cmake -G Ninja -S . -B out && ninja -C out', closes: true },
    files: { 'CMakeLists.txt': cmake, 'a.c': unused },
  },
  'the linker behind make': {
    ...{ ...c, needs: ['make', 'cc'], command: 'make', tool: 'ld', closes: true },
    files: { Makefile: makefile('cc -g -c a.c'), 'a.c': missing },
    mended: { 'a.c': used },
  },
  'go build': { ...go, command: 'go build ./...', tool: 'go-build' },
  'go vet, which compiles first': { ...go, command: 'go vet ./...', tool: 'go-build' },
  'a script of npm': { ...typescript('tsc -b --pretty false'), closes: true },
  'a script of npm that passes failures over': { ...typescript('tsc -b --pretty false; true'), closes: false },
};

let farm: TestFarm;
before(async () => {
  farm = await openFarm({ env: { CRAFTING_ROLES: 'api,parser,projector,runner' } });
});
after(() => farm?.close());

let count = 0;
async function project(files: Readonly<Record<string, string>>, subproject: Json) {
  count += 1;
  const name = `built-${count}`;
  const repository = makeRepository(join(farm.dir, name), { ...files });
  const document = { name, git_url: repository, subprojects: [{ path: '.', ...subproject }] };
  const answer = await farm.http.post('/projects', document);
  assert.ok(answer.status < 300, answer.text);
  const recipe = ['lint', 'test'].find((one) => subproject[one] !== undefined) ?? 'build';
  return {
    repository,
    run: async (): Promise<Json> =>
      farm.http.ended((await farm.http.post(`/projects/${name}/jobs`, { recipe })).json.job_id),
    findings: async (): Promise<Json[]> => (await farm.http.get(`/findings?project=${name}`)).json.findings,
  };
}

for (const [how, { needs, language, command, files, mended, tool, closes }] of Object.entries(trials)) {
  const absent = needs.find((one) => toolOnPath(one, process.env) === undefined);
  test(`what is mended ${closes ? 'is closed' : 'stays open'} behind ${how}`, {
    skip: absent === undefined ? false : `${absent} is not installed`,
  }, async () => {
    const { repository, run, findings } = await project(files, { language, build: command });
    const first = await run();
    const own = async () => (await findings()).filter((one) => one.tool === tool).map(({ state }) => state);
    assert.ok((await own()).length > 0, `${tool} found nothing: ${JSON.stringify(first)}`);
    commitFiles(repository, mended);
    const second = await run();
    const expected = closes ? 'resolved' : 'open';
    assert.ok(
      (await own()).every((state) => state === expected),
      `${await own()}: ${JSON.stringify(second)}`,
    );
  });
}

const wrapped = (exit: number, words: string) => `#!/bin/sh\nprintf '%s\\n' '${words}'\nexit ${exit}\n`;
const warning = './a.py:1:1: W291 trailing whitespace';
const error = './a.py:1:1: E999 SyntaxError: invalid syntax';

const scripts: readonly (readonly [string, { exit: number; words: string; failOn?: string; passes: boolean }])[] = [
  ['that says 0 and prints an error passes by its exit code', { exit: 0, words: error, passes: true }],
  [
    'that says 0 and prints an error fails where errors are to fail',
    { exit: 0, words: error, failOn: 'error', passes: false },
  ],
  [
    'that says 1 for a warning passes where errors are to fail',
    { exit: 1, words: warning, failOn: 'error', passes: true },
  ],
  [
    'that says 1 for an error passes where nothing is to fail',
    { exit: 1, words: error, failOn: 'never', passes: true },
  ],
  [
    'that says 1 without a word is a crash, whatever is to fail',
    { exit: 1, words: 'oops', failOn: 'never', passes: false },
  ],
  ['that a signal ended is a crash, whatever was printed', { exit: 139, words: error, failOn: 'never', passes: false }],
];
for (const [what, { exit, words, failOn, passes }] of scripts)
  test(`a script around linters ${what}`, async () => {
    const files = { 'lint.sh': wrapped(exit, words), 'a.py': 'a \n' };
    const { run, findings } = await project(files, {
      ...{ language: 'python', lint: 'sh ./lint.sh' },
      ...(failOn === undefined ? {} : { fail_on: failOn }),
    });
    const job = await run();
    assert.equal(job.status, passes ? 'succeeded' : 'failed', JSON.stringify(job));
    if (words !== 'oops')
      assert.ok((await findings()).some(({ tool, state }) => tool === 'flake8' && state === 'open'));
  });

const goMissing = toolOnPath('go', process.env) === undefined ? 'go is not installed' : false;

test('the first error of a compiler that a linter starts is news', { skip: goMissing }, async () => {
  const { repository, run, findings } = await project(
    { ...module, ...go.mended },
    { language: 'go', lint: 'go vet ./...' },
  );
  const clean = await run();
  assert.deepEqual([clean.status, clean.new_findings_count], ['succeeded', 0]);
  commitFiles(repository, { 'a.go': wrong });
  const broken = await run();
  assert.deepEqual([broken.new_findings_count, broken.baseline_findings_count], [1, 0]);
  assert.deepEqual(
    (await findings()).map(({ tool, is_new, state }) => [tool, is_new, state]),
    [['go-build', true, 'open']],
  );
});

test('a test of Go that is skipped has not passed, though go test says nothing of it', {
  skip: goMissing,
}, async () => {
  const source = (line: string) => `package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) {\n\t${line}\n}\n`;
  const files = { 'go.mod': module['go.mod'], 'a_test.go': source('t.Error("no")') };
  const { repository, run, findings } = await project(files, { language: 'go', test: 'go test ./...' });
  const states = async (text: string) => {
    commitFiles(repository, { 'a_test.go': text });
    await run();
    return (await findings()).map(({ state }) => state);
  };
  await run();
  assert.deepEqual(await states(source('t.Skip("later"); t.Error("no")')), ['open']);
  assert.deepEqual(await states(`${source('t.Skip("later"); t.Error("no")')}\n`), ['open']);
  assert.deepEqual(await states(source('t.Log("yes")')), ['resolved']);
});
