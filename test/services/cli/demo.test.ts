import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, symlinkSync, utimesSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { showPatch } from '../../../services/cli/demo/demo-patch.ts';
import { demoRepository } from '../../../services/cli/demo/demo-repository.ts';
import type { ApiClient } from '../../../services/cli/farm/api-client.ts';
import { compileCache } from '../../support/compile-cache.ts';
import { atEnd, git, makeRepository, temporaryFolder } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { snapshotTree } from '../../support/tree-snapshot.ts';
import { until } from '../../support/until.ts';

const program = fileURLToPath(new URL('../../../services/cli/main.ts', import.meta.url));
const found = process.env.CRAFTING_NATS_SERVER ?? 'nats-server';
const fixable = {
  'package.json': '{"name":"own","private":true,"type":"module"}\n',
  'eslint.config.js': "export default [{ files: ['**/*.js'], rules: { 'prefer-const': 'warn' } }];\n",
  'banner.js': 'export function banner(text) {\n  let message = text.trim();\n  return message;\n}\n',
};

/** A folder with the few programs that a demo needs; the languages of this machine would only make it slower. */
function fewPrograms(dir: string): string {
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/bin', '/usr/sbin', '/usr/local/sbin'];
  for (const name of ['env', 'git', 'nats-server', 'perl', 'sh', 'unshare']) {
    const file = folders.map((folder) => join(folder, name)).find((one) => existsSync(one));
    if (file) symlinkSync(file, join(bin, name));
  }
  symlinkSync(process.execPath, join(bin, 'node'));
  return bin;
}

/** Runs the demo as its own process, with a folder for temporary files of its own, in which nothing may be left. */
function startDemo(context: TestContext, ...args: string[]) {
  const dir = temporaryFolder(context);
  const temporary = join(dir, 'tmp');
  mkdirSync(temporary);
  const child = spawn(process.execPath, [program, 'demo', ...args], {
    cwd: dir,
    env: {
      PATH: fewPrograms(dir),
      HOME: dir,
      TMPDIR: temporary,
      CRAFTING_NATS_SERVER: found,
      NODE_COMPILE_CACHE: compileCache,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  atEnd(context, () => child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const closed = once(child, 'close');
  return {
    said,
    interrupt: () => child.kill('SIGINT'),
    /** What `head` does when it has read enough. */
    goAway: () => child.stdout.destroy(),
    leftBehind: () => readdirSync(temporary).filter((name) => name.startsWith('crafting-table')),
    ended: async () => {
      const [code] = await closed;
      return code as number | null;
    },
  };
}

function ownRepository(context: TestContext): string {
  const dir = makeRepository(join(temporaryFolder(context), 'own'), fixable);
  // A look at the status would write the index anew, if it were let.
  utimesSync(join(dir, 'banner.js'), 1, 1);
  return dir;
}

const wholeOf = (dir: string) => [snapshotTree(dir), snapshotTree(join(dir, '.git'))];

describe('the last act of the demo', { concurrency: 2 }, () => {
  it('proves an edit of the linter on the sample, and pushes it to a branch of the sample', async (context) => {
    const demo = startDemo(context, '--json', '--keep');
    const result: Json = await until(() => demo.said.out.endsWith('}\n') && JSON.parse(demo.said.out));
    const { attempts, remote, left_out } = result.patches;
    assert.equal(left_out, null);
    const [last] = attempts.map(({ patch }: Json) => patch);
    assert.equal(attempts.length, 1);
    assert.equal(last.status, 'pushed', JSON.stringify(last.failure));
    assert.equal(last.method, 'tool_edit');
    const passes = last.sent_back.map(({ method, reason }: Json) => `${method} ${reason}`);
    assert.deepEqual(
      passes,
      ['tool_edit more_to_mend'],
      'an edit that makes a new finding goes on with the edit for that one',
    );
    assert.match(last.diff, /^-\s+var (\w+)(.*)\n\+\s+const \1\2$/m, last.diff);
    const { evidence } = last;
    assert.equal(evidence.identities_after, evidence.identities_before - 1);
    assert.deepEqual([evidence.exit_before, evidence.exit_after], [1, 1]);
    assert.notEqual(evidence.before_job, evidence.after_job);
    assert.equal(git(remote, 'rev-parse', `refs/heads/${last.branch}`), last.commit);
    assert.equal(git(remote, 'rev-parse', `${last.branch}^`), git(remote, 'rev-parse', 'main'));
    demo.interrupt();
    assert.equal(await demo.ended(), 0);
    assert.deepEqual(demo.leftBehind(), []);
  });

  it('shows what would be proposed to a repository of your own, and writes nothing in it', async (context) => {
    const own = ownRepository(context);
    const before = wholeOf(own);
    const demo = startDemo(context, own);
    assert.equal(await demo.ended(), 0, demo.said.err);
    assert.deepEqual(wholeOf(own), before);
    const { out } = demo.said;
    assert.match(out, /nothing is written in yours/);
    assert.match(out, /\n {2}started {3}mend {2}banner\.js:2 prefer-const\n/);
    const shown = out.slice(out.indexOf('What was mended'));
    assert.match(shown, /\n {2}- {2}let message = text\.trim\(\);\n {2}\+ {2}const message/);
    assert.match(shown, /\nexit code +0 +0\nfindings +1 +0\n/);
    assert.match(shown, /proven, and pushed to \S+copy\.git as\n {2}crafting-table\/auto\//);
    assert.deepEqual(demo.leftBehind(), []);
  });

  it('is left out, and says so, where nothing may be pushed', async (context) => {
    const own = ownRepository(context);
    const before = wholeOf(own);
    const dir = temporaryFolder(context);
    const kept = await demoRepository({ repository: own, branch: null, keep: true }, dir);
    assert.equal(kept.gitUrl, own);
    assert.match(kept.leftOut ?? '', /^with --keep .* nothing is pushed there/);
    const url = `file://${own}`;
    const elsewhere = await demoRepository({ repository: url, branch: null, keep: false }, dir);
    assert.equal(elsewhere.gitUrl, url);
    assert.match(elsewhere.leftOut ?? '', /^nothing is pushed to a repository elsewhere/);
    for (const repository of [kept, elsewhere]) {
      const nobody = new Proxy({} as ApiClient, { get: () => assert.fail('nobody is asked') });
      const scene = { repository, subproject: null, style: 'lines', say: () => {}, api: nobody } as const;
      assert.deepEqual(await showPatch(scene), { attempts: [], remote: null, left_out: repository.leftOut });
    }
    assert.deepEqual(wholeOf(own), before);
  });

  it('is cut short by an interrupt, and leaves nothing behind', async (context) => {
    const demo = startDemo(context, ownRepository(context));
    await until(() => demo.said.out.includes('mend'));
    demo.interrupt();
    assert.equal(await demo.ended(), 130);
    assert.match(demo.said.out, /\nInterrupted: 1 finding on main at \w+; 1 of 1 job had ended/);
    assert.match(demo.said.out, /prefer-const.*\n(?:.*\n)*What ran\n/);
    assert.deepEqual(demo.leftBehind(), []);
  });

  it('says first that nothing was run, and ends with a code of its own', async (context) => {
    const own = makeRepository(join(temporaryFolder(context), 'words'), { 'notes.txt': 'nothing to build\n' });
    const demo = startDemo(context, own);
    assert.equal(await demo.ended(), 8, demo.said.err);
    assert.match(demo.said.out, /\n\nNothing was run on main at \w+: no build, test, lint or audit was found\.\n/);
    assert.doesNotMatch(demo.said.out, /0 findings/);
  });

  it('leaves nothing behind when nobody reads on', async (context) => {
    const demo = startDemo(context, ownRepository(context));
    await until(() => demo.said.out.includes('Farm'));
    demo.goAway();
    assert.equal(await demo.ended(), 0);
    assert.deepEqual(demo.leftBehind(), []);
  });
});
