import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm, type Seen } from '../../support/patch-farm.ts';
import { say } from '../cli/captured-cli.ts';

const files = { 'lint.pl': mendingLinter(), 'src/a.js': 'const a = "worse";\nconst b = 1;\n' };
const ofFirstLine = (text: string) =>
  `--- a/src/a.js\n+++ b/src/a.js\n@@ -1,2 +1,2 @@\n-const a = "worse";\n+${text}\n const b = 1;\n`;
const mends = ofFirstLine('const a = "better";');
const besides = '--- a/src/a.js\n+++ b/src/a.js\n@@ -1,2 +1,2 @@\n const a = "worse";\n-const b = 1;\n+const b = 2;\n';
const awsKey = ['AKIA', 'QWERTYUIOPASDF42'].join('');

describe('POST /projects/{name}/verify-patch', () => {
  let farm: PatchFarm;
  before(async () => {
    farm = await openPatchFarm({ files });
  });
  after(() => farm.close());
  const bring = (name: string, { findings }: Seen, diff: string, more: object = {}, options: object = {}) =>
    farm.http.post(
      `/projects/${name}/verify-patch?wait=300`,
      { diff, finding_ids: [findings[0].id], ...more },
      options,
    );

  /** What `verify-proof` ends with, knowing nothing but files, and what the statement is about. */
  async function checked({ id, diff }: Json): Promise<[number, unknown]> {
    const paths = ['statement', 'keys', 'diff'].map((name) => join(farm.dir, `${id}.${name}`));
    const [proof = '', keys = '', patch = ''] = paths;
    const { text } = await farm.http.get(`/patches/${id}/statement`);
    writeFileSync(proof, text);
    writeFileSync(keys, (await farm.http.get('/.well-known/crafting-table-keys.json')).text);
    writeFileSync(patch, diff);
    const { code } = await say(['verify-proof', proof, '--key', keys, '--diff', patch]);
    const [line = ''] = text.split('\n');
    const { predicate } = JSON.parse(Buffer.from(JSON.parse(line).payload, 'base64').toString());
    return [code, [predicate.attempt.id, predicate.base.commit]];
  }

  it('proves a diff, says by what, signed, and pushes nothing', async () => {
    const seen = await farm.seen('proven');
    const { status, json, text } = await bring('proven', seen, mends, { explanation: 'A better word.' });
    assert.equal(status, 200, text);
    const { attempt } = json;
    assert.deepEqual(
      [attempt.status, attempt.open, attempt.method, attempt.verify_only, attempt.branch_removed],
      ['proven', false, 'given', true, false],
      text,
    );
    assert.match(attempt.diff, /\+const a = "better";/);
    assert.equal(attempt.explanation, 'A better word.');
    assert.deepEqual(await checked(attempt), [0, [attempt.id, attempt.base.sha]]);
    assert.deepEqual(
      attempt.evidence.targets.map(({ gone }: Json) => gone),
      [true],
    );
    assert.ok(!farm.parts.branches().some((name) => name.endsWith(`-${seen.findings[0].id}`)));
    const again = await bring('proven', seen, mends, { open_pull_request: true });
    assert.deepEqual([again.json.attempt.status, again.status], ['pr_opened', 200], again.text);
    const pull = farm.parts.forge.pulls.find(({ number }) => number === again.json.attempt.pr_number);
    assert.match(pull?.body ?? '', /brought by whoever asked for the attempt/);
    const third = await bring('proven', seen, ofFirstLine('const a = "best";'));
    assert.deepEqual([third.status, third.json.code], [409, 'active'], third.text);
  });

  it('says exactly why a diff is not proven', async () => {
    const seen = await farm.seen('unproven');
    for (const [diff, status, reason] of [
      [besides, 'verify_failed', 'still_there'],
      [besides, 'refused', 'same_draft'],
      [ofFirstLine('const a = "worse still";'), 'verify_failed', 'new_findings'],
      [ofFirstLine('const a = "better"; // eslint-disable-line'), 'refused', 'suppression_added'],
      [mends.replace('-const a = "worse"', '-const a = "elsewhere"'), 'apply_failed', 'does_not_apply'],
    ] as const) {
      const { json, text } = await bring('unproven', seen, diff);
      assert.deepEqual([json.attempt?.status, json.attempt?.failure?.reason], [status, reason], text);
    }
    const own = await farm.http.post(`/jobs/${seen.job}/patches`, { finding_id: seen.findings[0].id });
    assert.notEqual(own.json.code, 'attempts_exhausted', 'what others bring takes no try from the loop');
  });

  it('keeps a secret that a diff holds out of the log', async () => {
    const seen = await farm.seen('secret');
    const leaks = ofFirstLine(`const a = "${awsKey}";`);
    const { json, text } = await bring('secret', seen, leaks, { explanation: `with ${awsKey}` });
    assert.deepEqual([json.attempt?.status, json.attempt?.failure?.reason], ['refused', 'secret_in_patch'], text);
    const told = await farm.http.get('/events?project=secret&from=0');
    assert.match(told.text, /PatchRequested/);
    assert.ok(!told.text.includes(awsKey));
  });

  it('refuses what cannot be proven, and names what would do', async () => {
    const seen = await farm.seen('asked', { patch: { methods: ['agent'] } });
    const [{ id }] = seen.findings as [Json];
    const wrong = await bring('asked', seen, 'change worse to better');
    assert.deepEqual([wrong.status, wrong.json.errors[0].path], [400, '/body/diff'], wrong.text);
    const nobodys = await bring('asked', seen, mends, { finding_ids: [999_999] });
    assert.equal(nobodys.status, 404);
    const closed = await bring('asked', seen, mends, { open_pull_request: true });
    assert.deepEqual([closed.status, closed.json.code], [409, 'no_method'], closed.text);
    assert.match(closed.json.detail, /patch\.methods without given/);
    const runner = await farm.http.mint('asked.ci', { team: 'admin', role: 'runner' });
    assert.equal((await bring('asked', seen, mends, {}, { bearer: runner })).status, 403);
    await farm.http.post(`/findings/${id}/suppress`, { reason: 'we know' });
    const hushed = await bring('asked', seen, mends);
    assert.deepEqual([hushed.status, hushed.json.code], [409, 'not_open'], hushed.text);
  });

  it('waits for a person where the project wants one, who is not the one who brought it', async () => {
    const seen = await farm.seen('careful', { patch: { approval: {} } });
    const agent = await farm.http.mint('careful.agent', { team: 'admin', role: 'maintainer' });
    const headers = { 'idempotency-key': 'once-and-no-more' };
    const asked = await bring('careful', seen, mends, { open_pull_request: true }, { bearer: agent, headers });
    const { attempt } = asked.json;
    assert.equal(attempt?.status, 'awaiting_approval', asked.text);
    const twice = await bring('careful', seen, mends, { open_pull_request: true }, { bearer: agent, headers });
    assert.equal(twice.json.attempt.id, attempt.id);
    const { digest } = attempt.approval;
    const own = await farm.http.post(`/patches/${attempt.id}/approve`, { digest }, { bearer: agent });
    assert.deepEqual([own.status, own.json.code], [403, 'own_request']);
    assert.equal((await farm.http.post(`/patches/${attempt.id}/approve`, { digest })).status, 200);
  });
});
