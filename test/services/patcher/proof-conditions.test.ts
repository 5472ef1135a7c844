import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';

const lint = 'perl lint.pl # eslint -f json';
const files = {
  'lint.pl': mendingLinter({ silentAt: 'quiet' }),
  'src/a.js': 'const c = "worse";\nmodule.exports = (text) => text == 2;\n',
  'test/a.test.cjs':
    "const { it } = require('node:test');\nconst assert = require('node:assert');\nit('takes texts', () => assert.ok(require('../src/a.js')('2')));\n",
};
const edits = (...list: [search: string, replace: string][]) =>
  JSON.stringify({
    edits: list.map(([search, replace]) => ({ file: 'src/a.js', search, replace })),
    explanation: 'So.',
  });
const fine = edits(['"worse"', '"fine"']);
const canShutIn =
  spawnSync('bwrap', ['--ro-bind', '/', '/', '--unshare-net', '--unshare-user', 'true']).status === 0 &&
  spawnSync('bwrap', ['--disable-userns', '--unshare-user', '--ro-bind', '/', '/', 'true']).status === 0;

const withRecipes = (more: Record<string, unknown>) => ({
  subprojects: [{ path: '.', language: 'javascript', lint, ...more }],
  patch: { methods: ['agent'], kinds: ['lint'] },
});
const triedOnce = async (
  farm: PatchFarm,
  name: string,
  more: Record<string, unknown>,
  answer = fine,
): Promise<Json> => {
  const seen = await farm.seen(name, withRecipes(more));
  farm.script(name, answer, JSON.stringify({ decline: 'That was all.' }));
  return farm.mend(seen, 'no-worse');
};

describe('a proof of a lint finding', () => {
  let farm: PatchFarm;
  before(async () => {
    farm = await openPatchFarm({ files });
  });
  after(() => farm.close());

  it('runs every other recipe, which may say nothing new', async () => {
    const test = 'node --test "test/*.test.cjs"';
    const attempt = await triedOnce(
      farm,
      'others',
      { test },
      edits(['"worse"', '"fine"'], ['text == 2', 'text === 2']),
    );
    assert.deepEqual(
      attempt.sent_back.map((one: Json) => one.reason),
      ['breaks_test'],
    );
    assert.match(attempt.sent_back[0].detail, /recipe test is worse on the draft.*takes texts/);
    assert.equal(attempt.open, false);
  });

  it('says at the top of the pull request what proves nothing, and what ran', async () => {
    const attempt = await triedOnce(farm, 'unproven', {
      build: 'echo "npm error code ENOTFOUND getaddrinfo ENOTFOUND registry.example" >&2; exit 1',
      test: 'node --test "test/*.test.cjs"',
    });
    assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.sent_back));
    const { proof } = attempt.evidence;
    assert.deepEqual(
      proof.runs.map(({ stage, recipe }: Json) => `${stage} ${recipe}`),
      ['full lint', 'base build', ...(proof.not_run.length > 0 ? [] : ['other build']), 'base test', 'other test'],
    );
    const body = farm.parts.forge.pulls.at(-1)?.body ?? '';
    assert.match(body, /^> \*\*Note:\*\* The proof ran like any job, not shut in/);
    assert.match(body, /No worse by it: .*`test`/);
  });
});

describe('a strict proof', () => {
  it('is none where no runner shuts it in, and nothing is pushed', async () => {
    const farm = await openPatchFarm({ files, env: { CRAFTING_PATCHER_PROOF: 'strict' } });
    try {
      const attempt = await triedOnce(farm, 'open', {});
      assert.deepEqual([attempt.status, attempt.failure.reason], ['verify_failed', 'not_shut_in']);
      assert.deepEqual(farm.parts.branches(), []);
    } finally {
      await farm.close();
    }
  });

  it('has neither network nor what other jobs have left', { skip: !canShutIn && 'no namespaces here' }, async () => {
    const env = { CRAFTING_PATCHER_PROOF: 'strict', CRAFTING_SANDBOX: 'bwrap' };
    const farm = await openPatchFarm({ files, env });
    try {
      const test = `node -e "require('fs').mkdirSync(process.env.PIP_CACHE_DIR, { recursive: true }); require('fs').appendFileSync(process.env.PIP_CACHE_DIR + '/left', 'x'); console.log('LEFT ' + require('fs').readFileSync(process.env.PIP_CACHE_DIR + '/left') + ' NET ' + Object.keys(require('os').networkInterfaces()))" && node --test "test/*.test.cjs"`;
      const seen = await farm.seen('shut', withRecipes({ test }));
      await farm.run('shut', 'test');
      farm.script('shut', fine);
      const attempt = await farm.mend(seen, 'no-worse');
      assert.equal(attempt.status, 'pr_opened', JSON.stringify([attempt.failure, attempt.sent_back]));
      assert.equal(attempt.evidence.proof.conditions, 'strict');
      for (const { job_id, recipe } of attempt.evidence.proof.runs.filter((one: Json) => one.recipe === 'test')) {
        const { job } = (await farm.http.get(`/jobs/${job_id}`)).json;
        assert.deepEqual([recipe, job.sandbox], ['test', 'bwrap']);
        assert.match((await farm.http.get(`/jobs/${job_id}/log`)).text, /LEFT x NET (?:lo)?\n/);
      }
      assert.doesNotMatch(farm.parts.forge.pulls.at(-1)?.body ?? '', /^> \*\*Note/);
    } finally {
      await farm.close();
    }
  });
});
