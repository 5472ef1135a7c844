import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { localOrder } from '../../../../services/cli/local/local-order.ts';
import type { LocalRun } from '../../../../services/cli/local/local-plan.ts';
import { type LocalOptions, runLocal } from '../../../../services/cli/local/run-local.ts';
import { commitFiles, git, makeRepository, temporaryFolder } from '../../../support/git-repository.ts';
import type { Json } from '../../../support/http.ts';
import { mendingLinter } from '../../../support/mending-linter.ts';
import { linter } from '../../../support/tiny-linter.ts';
import { snapshotTree } from '../../../support/tree-snapshot.ts';
import { until } from '../../../support/until.ts';
import { eslintReport } from '../../api/registered.ts';
import { type WatchedCli, watchedCli } from '../watched-cli.ts';

// The weakest level starts at once; what the others hold is tested where they live.
const env = { ...process.env, CRAFTING_CONTAINMENT: 'process-group', CRAFTING_TABLE_TOKEN: 'a-token-of-ours' };

/** A registration document for subprojects with these commands; what is not said is usual. */
function documentOf(...subprojects: Json[]): string {
  return JSON.stringify({ subprojects: subprojects.map((one) => ({ path: '.', language: 'javascript', ...one })) });
}

function checkout(context: TestContext, files: Record<string, string>): string {
  return makeRepository(join(temporaryFolder(context), 'shop'), files);
}

/** The same files outside git, where they cost less. */
function folder(context: TestContext, files: Record<string, string>): string {
  const dir = temporaryFolder(context);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

async function run(cwd: string, options: Partial<LocalOptions> = {}, cli: WatchedCli = watchedCli({ env })) {
  const asked = { recipes: [], subproject: null, project: null, output: 'table', cwd, ...options } as const;
  const code = await runLocal(asked, cli);
  return { code, out: cli.out(), err: cli.err() };
}

async function runJson(cwd: string, options: Partial<LocalOptions> = {}, cli?: WatchedCli): Promise<Json> {
  const { code, out } = await run(cwd, { output: 'json', ...options }, cli);
  return { code, ...JSON.parse(out) };
}

test('the recipes of the document run on the work tree as it is, and nothing else is written', async (context) => {
  const dir = checkout(context, {
    '.crafting-table.json': documentOf({
      lint: 'perl lint.pl',
      test: 'echo $CRAFTING_RECIPE $CRAFTING_TABLE_TOKEN > left.txt',
    }),
    'lint.pl': linter,
    'src/a.js': 'fine\n',
  });
  writeFileSync(join(dir, 'src/a.js'), 'fine\nbad\n');
  writeFileSync(join(dir, 'src/new.js'), 'bad\n');
  // A mere look at the status would write the index anew now.
  utimesSync(join(dir, 'lint.pl'), 1, 1);
  const before = snapshotTree(dir);
  const index = readFileSync(join(dir, '.git/index'));
  const { code, out } = await run(dir);
  assert.equal(code, 0, out);
  assert.match(out, /2 findings on main at [0-9a-f]{10} with what was changed since, 2 runs in/);
  assert.match(out, /^warn +eslint +src\/a\.js:2 +no-bad +bad is bad$/m);
  assert.match(out, /^warn +eslint +src\/new\.js:1 +no-bad/m);
  assert.equal(readFileSync(join(dir, 'left.txt'), 'utf8'), 'test\n');
  rmSync(join(dir, 'left.txt'));
  assert.deepEqual(snapshotTree(dir), before);
  assert.deepEqual(readFileSync(join(dir, '.git/index')), index);
});

test('it works from a folder below the root and outside git, where the folder itself is the root', async (context) => {
  const files = {
    '.crafting-table.json': documentOf({ path: 'a', lint: 'cat report.json; exit 1' }, { path: 'b', lint: 'true' }),
    'a/report.json': eslintReport('src/x.js', 'gone'),
    'a/src/x.js': 'x\n',
    'b/kept.txt': '',
  };
  const dir = checkout(context, files);
  const below = await runJson(join(dir, 'a', 'src'), { subproject: '..' });
  assert.deepEqual([below.code, below.root, below.jobs.length], [1, dir, 1]);
  assert.equal(below.findings[0].file, 'a/src/x.js');
  rmSync(join(dir, '.git'), { recursive: true });
  const outside = await runJson(dir, { subproject: 'a' });
  assert.deepEqual([outside.code, outside.sha, outside.dirty], [1, null, false]);
  assert.equal(outside.findings[0].identity, below.findings[0].identity);
  assert.deepEqual((await run(dir, { recipes: ['lint'], subproject: 'b' })).code, 0);
});

test('without a document the tools of this machine are detected, and skipped ones are named with their reason', async (context) => {
  const dir = folder(context, {
    'scripts/a.sh': '#!/bin/sh\necho $1\n',
    'package.json': '{"scripts":{"test":"mocha"}}',
  });
  const tools = temporaryFolder(context);
  const comment = {
    file: 'scripts/a.sh',
    line: 2,
    endLine: 2,
    column: 6,
    endColumn: 8,
    level: 'error',
    code: 2086,
    message: 'Quote',
  };
  const report = JSON.stringify({ comments: [{ ...comment, fix: null }] });
  writeFileSync(join(tools, 'shellcheck'), `#!/bin/sh\n[ "$1" = --version ] || echo '${report}'\n`, { mode: 0o755 });
  writeFileSync(join(tools, 'npm'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const cli = watchedCli({ env: { ...env, PATH: `${tools}:/usr/bin:/bin` } });
  const { code, out } = await run(dir, { recipes: ['lint'] }, cli);
  assert.equal(code, 1, out);
  assert.match(out, /^Found +\. \(javascript\)$/m);
  assert.match(out, /^error +shellcheck +scripts\/a\.sh:2 +SC2086 +Quote$/m);
  const none = watchedCli({ env: { ...env, PATH: '/nonexistent' } });
  rmSync(join(dir, 'package.json'));
  const missing = await run(dir, {}, none);
  assert.equal(missing.code, 8);
  assert.match(missing.err, /scripts: shellcheck is not installed/);
});

test('result files count when the run wrote them, not when an earlier one did', async (context) => {
  const failure = '<testsuite><testcase classname="t" name="adds"><failure message="no"/></testcase></testsuite>';
  const dir = folder(context, {
    '.crafting-table.json': documentOf({
      test: 'cp results.txt TEST-b.xml',
      lint: 'true',
      reports: ['*.xml'],
    }),
    'results.txt': failure.replace('adds', 'fresh'),
    'TEST-a.xml': failure.replace('adds', 'old'),
  });
  const { code, findings, jobs } = await runJson(dir);
  assert.deepEqual([code, findings.length, findings[0].kind], [1, 1, 'test_fail']);
  assert.match(findings[0].code, /fresh/);
  assert.match(jobs[0].problems.join(), /1 result file is left out: this run did not write them/);
});

test('wrong use ends with 2 and a sentence', async (context) => {
  const dir = checkout(context, { '.crafting-table.json': documentOf({ lint: 'true' }), 'a.txt': '' });
  const refused = async (options: Partial<LocalOptions>, sentence: RegExp) => {
    const { code, out, err } = await run(dir, options);
    assert.equal(code, 2, out);
    assert.match(err, sentence);
    assert.equal(out, '');
  };
  await refused({ recipes: ['lnt'] }, /one of build, test, lint, audit; found "lnt"/);
  await refused({ recipes: ['test'] }, /No subproject has the recipe test; there is lint/);
  await refused({ subproject: 'nowhere' }, /--subproject must be one of \.; found "nowhere"/);
  await refused({ project: 'none.json' }, /There is no file none\.json/);
  await refused({ changed: '--output=/tmp/x' }, /--changed must name a commit/);
  for (const [text, sentence] of [
    ['{', /is not JSON/],
    [documentOf({ path: '../up', lint: 'true' }), /subprojects\/0\/path.*inside the repository/],
    [documentOf({ lint: 7 }), /subprojects\/0\/lint/],
    ['{"subprojects":[],"extra":1}', /extra/],
  ] as const) {
    writeFileSync(join(dir, 'odd.json'), text);
    await refused({ project: 'odd.json' }, sentence);
  }
});

test('a recipe that fails without a word, runs too long or has no folder ends with 1 and a finding that says so', async (context) => {
  const dir = folder(context, {
    '.crafting-table.json': documentOf(
      { path: 'a', test: 'exit 3' },
      { path: 'b', test: 'sleep 3000', timeout_secs: 1 },
      { path: 'gone', test: 'true' },
    ),
    'a/x': '',
    'b/x': '',
  });
  const { code, jobs, findings } = await runJson(dir);
  assert.equal(code, 1);
  assert.deepEqual(
    jobs.map(({ status, reason }: Json) => [status, reason]),
    [
      ['failed', 'exited'],
      ['failed', 'timeout'],
      ['failed', 'workspace_failed'],
    ],
  );
  assert.deepEqual(
    findings.map(({ kind, subproject }: Json) => [kind, subproject]),
    [
      ['recipe_fail', 'a'],
      ['recipe_fail', 'b'],
      ['recipe_fail', 'gone'],
    ],
  );
});

test('what fails a run is what fail_on of its subproject says', async (context) => {
  const verdicts: unknown[] = [];
  for (const [failOn, severity] of [
    ['error', 1],
    ['error', 2],
    ['never', 2],
    ['new', 1],
    [undefined, 1],
  ] as const) {
    const report = eslintReport('src/x.js', 'gone').replace(/"severity":\d/, `"severity":${severity}`);
    const lint = 'cat report.json; exit 1';
    const dir = folder(context, {
      '.crafting-table.json': documentOf({ lint, ...(failOn === undefined ? {} : { fail_on: failOn }) }),
      ...{ 'report.json': report, 'src/x.js': 'x\n' },
    });
    const { code, jobs, findings } = await runJson(dir);
    verdicts.push([failOn, findings[0]?.severity, jobs[0]?.status, code]);
  }
  assert.deepEqual(verdicts, [
    ['error', 'warn', 'succeeded', 0],
    ['error', 'error', 'failed', 1],
    ['never', 'error', 'succeeded', 0],
    ['new', 'warn', 'failed', 1],
    [undefined, 'warn', 'failed', 1],
  ]);
  // A crash fails whatever is to fail.
  const dir = folder(context, { '.crafting-table.json': documentOf({ lint: 'exit 3', fail_on: 'never' }) });
  assert.equal((await runJson(dir)).code, 1);
});

test('a run that covers less than its subproject asks for fails, in words', async (context) => {
  const info = 'TN:\nSF:src/x.js\nDA:1,1\nDA:2,0\nend_of_record\n';
  const verdicts: unknown[] = [];
  for (const min_coverage of [50, 60]) {
    const test = 'mkdir -p out && cp measured.txt out/lcov.info';
    const dir = folder(context, {
      '.crafting-table.json': documentOf({ test, min_coverage, fail_on: 'error', coverage: ['out/*.info'] }),
      ...{ 'measured.txt': info, 'src/x.js': 'x\ny\n' },
    });
    const { code, jobs } = await runJson(dir);
    verdicts.push([jobs[0]?.status, jobs[0]?.detail, code]);
  }
  const detail = 'tests cover 50 % of the lines (1 of 2), and min_coverage asks for 60 %';
  assert.deepEqual(verdicts, [
    ['succeeded', null, 0],
    ['failed', detail, 1],
  ]);
});

test('--changed shows the findings of files that differ, and holds no other against who changed them', async (context) => {
  const dir = checkout(context, {
    '.crafting-table.json': documentOf({ lint: 'perl lint.pl; exit 1' }),
    'lint.pl': linter,
    'src/old.js': 'bad\n',
    'src/mine.js': 'fine\n',
  });
  assert.equal((await runJson(dir, { changed: 'HEAD' })).code, 0);
  git(dir, 'checkout', '--quiet', '-b', 'mine');
  commitFiles(dir, { 'src/mine.js': 'fine\nbad\n' });
  writeFileSync(join(dir, 'src/untracked.js'), 'bad\n');
  const shown = async (changed: string) => {
    const { code, findings, unchanged } = await runJson(dir, { changed });
    return [code, findings.map(({ file }: Json) => file), unchanged];
  };
  assert.deepEqual(await shown('HEAD'), [1, ['src/untracked.js'], 2]);
  assert.deepEqual(await shown('main'), [1, ['src/mine.js', 'src/untracked.js'], 1]);
});

test('--fix writes the edits that the tools call safe into the work tree', async (context) => {
  const dir = folder(context, {
    '.crafting-table.json': documentOf({ lint: 'perl lint.pl' }),
    'lint.pl': mendingLinter(),
    'src/a.js': 'bad and worse\n',
  });
  const { out } = await run(dir, { fix: true });
  assert.match(out, /The edits of the tools mend 1 finding, in 1 file:\n {2}src\/a\.js/);
  assert.equal(readFileSync(join(dir, 'src/a.js'), 'utf8'), 'good and worse\n');
});

test('on a terminal the output is shown as it comes, harmless, cut, and with the name of its recipe among several', async (context) => {
  const dir = folder(context, {
    '.crafting-table.json': documentOf(
      { path: 'a', test: `printf '\\033[31mred\\033[0m\\n10%%\\r20%%\\n'; printf 'no end'` },
      { path: 'b', test: `printf '${'long '.repeat(40)}\\n'` },
    ),
    'a/x': '',
    'b/x': '',
  });
  const terminal = { env: { ...env, CRAFTING_SLOTS: '2' }, isTTY: true, columns: 60 };
  const { out } = await run(dir, {}, watchedCli(terminal));
  assert.match(out, /^test a \| red$/m);
  assert.match(out, /^test a \| 20%$/m);
  assert.match(out, /^test a \| no end$/m);
  assert.match(out, /^test b \| (long )+.*…$/m);
  assert.ok(!out.includes('\x1b'));
  assert.ok(
    out.split('\n').every((line) => line.length <= 60 || line.startsWith('Checkout')),
    out,
  );
  const alone = await run(dir, { subproject: 'a' }, watchedCli(terminal));
  assert.match(alone.out, /^20%$/m);
});

test('findings are printed as SARIF and as one document a line, and the words for people go elsewhere', async (context) => {
  const dir = folder(context, {
    '.crafting-table.json': documentOf({ lint: 'cat report.json', build: 'cat report.json' }),
    'report.json': eslintReport('src/x.js', 'evil \u202e words'),
  });
  const sarif = await run(dir, { output: 'sarif' });
  assert.equal(JSON.parse(sarif.out).runs[0].results[0].ruleId, 'no-undef');
  assert.match(sarif.err, /succeeded lint/);
  const lines = (await run(dir, { output: 'ndjson' })).out.trimEnd().split('\n');
  assert.equal(lines.length, 1);
  assert.ok(!lines[0]?.includes('\u202e'));
});

test('Ctrl-C ends everything that the recipes had started, daemons too, and says so', async (context) => {
  const dir = folder(context, {
    '.crafting-table.json': documentOf({
      test: "perl -e 'use POSIX; exit if fork; setsid; open F, q(>), q(daemon.pid); print F $$; close F; sleep 600'; sleep 600",
      lint: 'touch never',
    }),
  });
  const cli = watchedCli({ env });
  const running = run(dir, {}, cli);
  const pid = await until(() => Number(readIfThere(join(dir, 'daemon.pid'))));
  cli.interrupt();
  const { code, err } = await running;
  assert.equal(code, 130);
  assert.match(err, /^interrupted: everything that the recipes had started is ended$/m);
  // A dead process that nobody has waited for has no command line either.
  assert.equal(readIfThere(`/proc/${pid}/cmdline`), '');
  assert.equal(readIfThere(join(dir, 'never')), '');
});

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

test('recipes of folders that hold each other go one after the other, others may go at once', () => {
  const at = (subproject: string, recipe = 'test') => ({ subproject, recipe }) as LocalRun;
  const order = (...runs: LocalRun[]) => localOrder(runs).map((list) => list.map(({ subproject }) => subproject));
  assert.deepEqual(order(at('a'), at('b'), at('a', 'lint')), [['a', 'a'], ['b']]);
  assert.deepEqual(order(at('a/x'), at('ab'), at('b'), at('a')), [['a/x', 'a'], ['ab'], ['b']]);
  assert.deepEqual(order(at('a'), at('b'), at('.')), [['a', 'b', '.']]);
});

test('what is around the code is no finding here either, and the reason is told', async (context) => {
  const dir = folder(context, {
    '.crafting-table.json': documentOf({
      test: 'echo "error: toolchain \'1.88.0-x86_64-unknown-linux-gnu\' is not installed" >&2; exit 1',
      lint: 'echo broken >&2; exit 1',
    }),
  });
  const { jobs, findings, code } = await runJson(dir);
  assert.equal(code, 1);
  assert.deepEqual(
    findings.map(({ recipe }: Json) => recipe),
    ['lint'],
  );
  const [own] = jobs.filter(({ recipe }: Json) => recipe === 'test');
  assert.deepEqual(
    [own.status, own.exit_code, own.detail],
    ['failed', 1, "a program is not installed: error: toolchain '1.88.0-x86_64-unknown-linux-gnu' is not installed"],
  );
});
