import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { toolOnPath } from '../../../recipes/detection/tools.ts';
import { openFarm, type TestFarm } from '../../support/farm.ts';
import { commitFiles, makeRepository } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';

type Files = Readonly<Record<string, string>>;
/** What a commit changes; null for a file that goes. */
type Changes = Readonly<Record<string, string | null>>;
type Trial = {
  readonly needs?: readonly string[];
  readonly language?: string;
  readonly command: string;
  readonly files: Files;
  readonly tool?: string;
  /** What each later commit changes, and whether its job leaves the finding open. */
  readonly later: readonly (readonly [Changes, 'open' | 'resolved'])[];
};

const wrong = 'int f(void) { return nothing; }\n';
const unused = 'int f(void) {\n  int unused;\n  return 1;\n}\n';
const right = 'int f(void) { return 1; }\n';
const other = 'int g(void) { return 2; }\n';
const c = { 'a.c': wrong, 'b.c': other };
const mended = { 'a.c': right };
const sh = (...lines: string[]) => `#!/bin/sh\n${lines.join('\n')}\n`;
const python = (...lines: string[]) => `import subprocess, sys\n${lines.join('\n')}\n`;

const bad = sh('echo $1');
const good = sh('echo "$1"');
const shell = { needs: ['shellcheck'], language: 'shell', tool: 'shellcheck' };

const trials: Readonly<Record<string, Trial>> = {
  'a script that ends with the compiler': {
    ...{ command: 'sh ./lint.sh', files: { ...c, 'lint.sh': sh('gcc -Wall -c a.c -o /dev/null') } },
    later: [[mended, 'resolved']],
  },
  'a script that stops at the first failure': {
    ...{ command: 'sh lint.sh', files: { ...c, 'lint.sh': sh('set -e', 'gcc -c a.c', 'gcc -c b.c', 'echo all well') } },
    later: [[mended, 'resolved']],
  },
  'a warning behind a script that stops at the first failure': {
    ...{
      command: 'sh lint.sh',
      files: { ...c, 'a.c': unused, 'lint.sh': sh('set -e', 'gcc -Wall -c a.c', 'echo ok') },
    },
    later: [[mended, 'resolved']],
  },
  'a script that starts another one': {
    command: 'sh ci.sh',
    files: {
      ...c,
      'ci.sh': sh('set -e', 'sh ./tools/lint.sh'),
      'tools/lint.sh': sh('set -e', 'gcc -c a.c', 'echo ok'),
    },
    later: [[mended, 'resolved']],
  },
  'a loop over files': {
    ...{ command: 'for f in *.c; do gcc -c "$f"; done', files: c },
    later: [
      [mended, 'open'],
      [{ README: 'again\n' }, 'resolved'],
    ],
  },
  'a shell that is given its text': {
    ...{ command: "bash -c 'gcc -c a.c && gcc -c b.c'", files: c },
    later: [[mended, 'resolved']],
  },
  'a script of Python': {
    needs: ['python3'],
    command: 'python3 l.py',
    files: { ...c, 'l.py': python('r = subprocess.run(["gcc", "-c", "a.c"])', 'sys.exit(r.returncode)') },
    later: [[mended, 'resolved']],
  },
  'a script of npm that starts a script': {
    needs: ['npm'],
    command: 'npm run lint',
    files: {
      ...c,
      'package.json': JSON.stringify({ name: 'a', scripts: { lint: 'sh ./lint.sh' } }),
      'lint.sh': sh('set -e', 'gcc -c a.c', 'gcc -c b.c'),
    },
    later: [[mended, 'resolved']],
  },
  'a script that passes over what fails, at the second run': {
    ...{ command: 'sh lint.sh', files: { ...c, 'lint.sh': sh('gcc -c a.c || true', 'gcc -c b.c || true') } },
    later: [
      [mended, 'open'],
      [{ README: 'again\n' }, 'resolved'],
    ],
  },
  'a script whose compiler meets a missing header': {
    ...{ command: 'sh lint.sh', files: { ...c, 'a.c': unused, 'lint.sh': sh('gcc -Wall -c a.c || true') } },
    later: [
      [{ 'a.c': `#include "none.h"\n${unused}` }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ 'a.c': `#include <stddef.h>\n${right}` }, 'open'],
      [{ README: 'and again\n' }, 'resolved'],
    ],
  },
  'a script that shadows the compiler': {
    ...{ command: 'sh lint.sh', files: { ...c, 'lint.sh': sh('gcc -c a.c') } },
    later: [
      [{ 'lint.sh': sh('gcc() { :; }', 'gcc -c a.c') }, 'open'],
      [{ README: 'again\n' }, 'open'],
    ],
  },
  'a script that no longer starts the compiler': {
    ...{ command: 'sh lint.sh', files: { ...c, 'lint.sh': sh('set -e', 'gcc -c a.c') } },
    later: [
      [{ 'lint.sh': sh('set -e', '# gcc -c a.c', 'echo ok') }, 'open'],
      [mended, 'open'],
      [{ README: 'again\n' }, 'open'],
    ],
  },
  'a script whose compiler went': {
    ...{ command: 'sh lint.sh', files: { ...c, 'lint.sh': sh('[ -f old ] && PATH=/nowhere', 'gcc -c a.c || true') } },
    later: [
      [{ old: '\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
    ],
  },
  'a script that asks whether the compiler is there': {
    command: 'sh lint.sh',
    files: {
      ...c,
      'lint.sh': sh('[ -f old ] && PATH=/nowhere', 'if command -v gcc >/dev/null; then gcc -c a.c; fi'),
    },
    later: [
      [{ old: '\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
    ],
  },
  'a script that looks at what changed alone': {
    command: 'sh lint.sh',
    files: {
      ...c,
      'lint.sh': sh(
        'for f in $(git diff --name-only HEAD~1 -- "*.c" 2>/dev/null || ls *.c); do gcc -c "$f" || exit 1; done',
      ),
    },
    later: [
      [{ README: 'again\n' }, 'open'],
      [{ README: 'and again\n' }, 'open'],
    ],
  },
  'a test behind a script that is mended with it': {
    ...{ needs: ['python3'], language: 'python', tool: 'unittest', command: 'sh ./run.sh' },
    files: {
      'run.sh': sh('python3 -m unittest -v'),
      'test_a.py': 'import unittest\nclass A(unittest.TestCase):\n  def test_a(self):\n    self.assertEqual(1, 2)\n',
    },
    later: [
      [
        {
          'run.sh': sh('set -e', 'python3 -m unittest -v'),
          'test_a.py':
            'import unittest\nclass A(unittest.TestCase):\n  def test_a(self):\n    self.assertEqual(2, 2)\n',
        },
        'resolved',
      ],
    ],
  },
  'a list of files that shrinks': {
    ...{ ...shell, command: 'xargs shellcheck -f json1 < files.txt' },
    files: { 'a.sh': bad, 'b.sh': good, 'files.txt': 'a.sh\nb.sh\n' },
    later: [
      [{ 'files.txt': 'b.sh\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ README: 'and again\n' }, 'open'],
      [{ 'a.sh': good }, 'resolved'],
    ],
  },
  'a script that ends before the linter where a file is there': {
    ...{ ...shell, command: 'sh lint.sh' },
    files: { 'a.sh': bad, 'b.sh': good, 'lint.sh': sh('[ -f .skip ] && exit 0', 'shellcheck -f json1 a.sh') },
    later: [
      [{ '.skip': 'now\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ README: 'and again\n' }, 'open'],
      [{ '.skip': null, 'a.sh': good }, 'resolved'],
    ],
  },
  'a list of what is passed over that is no settings': {
    ...{ ...shell, command: 'sh lint.sh' },
    files: {
      'a.sh': bad,
      'b.sh': good,
      quiet: 'lint.sh\n',
      'lint.sh': sh('ls *.sh | grep -vFf quiet | xargs shellcheck -f json1'),
    },
    later: [
      [{ quiet: 'lint.sh\na.sh\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ 'a.sh': good }, 'resolved'],
    ],
  },
  'a pattern that no longer reaches the file': {
    ...{ ...shell, command: 'shellcheck -f json1 src/*.sh' },
    files: { 'src/a.sh': bad, 'src/b.sh': good },
    later: [
      [{ 'src/a.sh': null, 'lib/deep/a.sh': bad }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ 'lib/deep/a.sh': `${bad}echo more\n` }, 'open'],
      [{ 'lib/deep/a.sh': good }, 'resolved'],
    ],
  },
  'a pattern that no longer reaches the file, of a linter that lists what it looked at': {
    ...{ tool: 'eslint', language: 'javascript', command: 'eslint -f json "src/*.js"' },
    files: {
      'src/a.js': 'var a = 1;\n',
      'src/b.js': 'globalThis.b = 1;\n',
      'eslint.config.mjs': "export default [{ rules: { 'no-var': 'error' } }];\n",
    },
    later: [
      [{ 'src/a.js': null, 'lib/a.js': 'var a = 1;\nglobalThis.a = a;\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ 'lib/a.js': 'const a = 1;\n' }, 'resolved'],
    ],
  },
  'a list of files for a compiler': {
    ...{
      command: 'xargs -n1 gcc -Wall -fsyntax-only < files.txt',
      files: { 'a.c': unused, 'b.c': other, 'files.txt': 'a.c\nb.c\n' },
    },
    later: [
      [{ 'files.txt': 'b.c\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ README: 'and again\n' }, 'open'],
    ],
  },
  'a file of flags that a Makefile takes in': {
    command: 'make -s lint',
    files: {
      ...{ 'a.c': unused, 'b.c': other, 'flags.inc': 'CFLAGS = -Wall\n' },
      Makefile: 'include flags.inc\nlint:\n\tgcc $(CFLAGS) -fsyntax-only a.c b.c\n',
    },
    needs: ['make'],
    later: [
      [{ 'flags.inc': 'CFLAGS = -Wall -w\n' }, 'open'],
      [{ README: 'again\n' }, 'open'],
      [{ README: 'and again\n' }, 'open'],
    ],
  },
  'a file of rules that settings take in': {
    ...{ tool: 'eslint', language: 'javascript', command: 'eslint -f json a.js' },
    files: {
      'a.js': 'var a = 1;\nglobalThis.a = a;\n',
      'eslint.config.mjs': "import rules from './rules.mjs';\nexport default [{ rules }];\n",
      'rules.mjs': "export default { 'no-var': 'error' };\n",
    },
    later: [
      [{ 'rules.mjs': "export default { 'no-var': 'off' };\n" }, 'open'],
      [{ README: 'again\n' }, 'open'],
    ],
  },
  'a script that changes with what mends the last finding': {
    ...{ command: 'sh lint.sh', files: { ...c, 'lint.sh': sh('gcc -c a.c || true') } },
    later: [
      [{ ...mended, 'lint.sh': sh('echo now', 'cd .', 'gcc -c ./a.c || true') }, 'open'],
      [{ README: 'again\n' }, 'resolved'],
      [c, 'open'],
    ],
  },
  'a script of Go that passes over what fails': {
    ...{ needs: ['go'], tool: 'go-vet', language: 'go', command: 'sh v.sh' },
    files: {
      'go.mod': 'module example.com/a\n\ngo 1.21\n',
      'a.go': 'package a\n\nimport "fmt"\n\nfunc F() { fmt.Printf("%d", "x") }\n',
      'v.sh': sh('go vet ./... || true'),
    },
    later: [
      [{ README: 'again\n' }, 'open'],
      [{ 'a.go': 'package a\n\nimport "fmt"\n\nfunc F() { fmt.Printf("%d", 1) }\n' }, 'open'],
      [{ README: 'and again\n' }, 'resolved'],
    ],
  },
  'a compiler whose header is mended': {
    command: 'sh lint.sh',
    files: {
      'a.c': '#include "a.h"\nint f(void) { return nothing; }\n',
      'a.h': '\n',
      'lint.sh': sh('gcc -fsyntax-only a.c'),
    },
    later: [[{ 'a.h': 'extern int nothing;\n' }, 'resolved']],
  },
};

let farm: TestFarm;
before(async () => {
  farm = await openFarm({ env: { CRAFTING_ROLES: 'api,parser,projector,runner' } });
});
after(() => farm?.close());

function commit(repository: string, changes: Changes): void {
  for (const [path, text] of Object.entries(changes)) if (text === null) rmSync(join(repository, path));
  commitFiles(
    repository,
    Object.fromEntries(Object.entries(changes).flatMap(([path, text]) => (text === null ? [] : [[path, text]]))),
  );
}

let count = 0;
for (const [how, { needs = [], language = 'c', command, files, tool = 'gcc', later }] of Object.entries(trials)) {
  const absent = ['gcc', ...needs].find((one) => toolOnPath(one, process.env) === undefined);
  test(`what is mended is closed on proof behind ${how}`, {
    skip: absent === undefined ? false : `${absent} is not installed`,
  }, async () => {
    count += 1;
    const name = `script-${count}`;
    const repository = makeRepository(join(farm.dir, name), files);
    const recipe = tool === 'unittest' ? 'test' : 'lint';
    const subprojects = [{ path: '.', language, [recipe]: command }];
    const answer = await farm.http.post('/projects', { name, git_url: repository, subprojects });
    assert.ok(answer.status < 300, answer.text);
    const run = async (): Promise<Json> =>
      farm.http.ended((await farm.http.post(`/projects/${name}/jobs`, { recipe })).json.job_id);
    const own = async () => {
      const { findings } = (await farm.http.get(`/findings?project=${name}`)).json;
      return findings.filter((one: Json) => one.tool === tool).map(({ state }: Json) => state);
    };
    const first = await run();
    assert.ok((await own()).length > 0, `${tool} found nothing: ${JSON.stringify(first)}`);
    for (const [change, state] of later) {
      commit(repository, change);
      const job = await run();
      const states = await own();
      assert.ok(
        states.every((one: string) => one === state),
        `${states} after ${JSON.stringify(change)}: ${JSON.stringify(job)}`,
      );
    }
  });
}

/** Ways to start a linter whose exit code reaches the farm: the command, and the files that it leads to. */
const linting = 'shellcheck -f gcc a.sh b.sh';
const toSame: Readonly<Record<string, { readonly command: string; readonly files: Files }>> = {
  'a script': { command: 'sh ./lint.sh', files: { 'lint.sh': sh('set -e', linting, 'echo fine') } },
  'a target of make': { command: 'make lint', files: { Makefile: `lint:\n\t@${linting}\n\t@echo fine\n` } },
  'a script of npm': {
    command: 'npm run lint',
    files: { 'package.json': JSON.stringify({ name: 'a', scripts: { lint: 'sh lint.sh' } }), 'lint.sh': sh(linting) },
  },
  // Its exit code cannot be read: nothing closes, and the news are told all the same.
  'a loop': { command: 'for f in a.sh b.sh; do shellcheck -f gcc $f || bad=1; done; exit $bad', files: {} },
};
const hasShellcheck = ['shellcheck', 'make', 'npm'].every((one) => toolOnPath(one, process.env) !== undefined);

test('one of several is closed behind scripts as soon as it is mended, and what the second run brings is news', {
  skip: hasShellcheck ? false : 'shellcheck, make or npm is not installed',
}, async () => {
  const bad = (...names: string[]) => sh(...names.map((one) => `echo $${one}`));
  const trial = async ([how, { command, files }]: (typeof entries)[number], index: number) => {
    const name = `partial-${index}`;
    const repository = makeRepository(join(farm.dir, name), { ...files, 'a.sh': bad('1', '2'), 'b.sh': bad('3') });
    const document = { name, git_url: repository, subprojects: [{ path: '.', language: 'shell', lint: command }] };
    assert.equal((await farm.http.post('/projects', document)).status, 201);
    const run = async (changes: Files): Promise<Json> => {
      if (Object.keys(changes).length > 0) commitFiles(repository, changes);
      return farm.http.ended((await farm.http.post(`/projects/${name}/jobs`, { recipe: 'lint' })).json.job_id);
    };
    const open = async () => {
      const { findings } = (await farm.http.get(`/findings?project=${name}&state=open&kind=lint`)).json;
      return findings.map(({ file, line }: Json) => `${file}:${line}`).sort();
    };
    await run({});
    assert.deepEqual(await open(), ['a.sh:2', 'a.sh:3', 'b.sh:2'], how);
    const second = await run({ 'a.sh': sh('echo "$1"', 'echo $2'), 'c.md': 'c\n', 'b.sh': bad('3', '4') });
    const closed = how === 'a loop' ? 0 : 1;
    const left = [...(closed === 0 ? ['a.sh:2'] : []), 'a.sh:3', 'b.sh:2', 'b.sh:3'];
    assert.deepEqual(await open(), left, `${how}: ${JSON.stringify(second)}`);
    assert.deepEqual([second.resolved_findings_count, second.new_findings_count], [closed, 1], how);
    // Another start of it says nothing of what it no longer looks at.
    const less = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text.replace(' b.sh', '')]));
    for (const changes of [less, { 'c.md': 'd\n' }]) {
      const { not_observed: why } = await run(changes);
      assert.deepEqual(await open(), left, `${how}: ${why}`);
    }
  };
  const entries = Object.entries(toSame);
  await Promise.all(entries.map(trial));
});
