import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { envelopeOf, keyIdOf } from '../../../services/statements/rules/dsse-envelope.ts';
import { sha256Of } from '../../../services/statements/rules/in-toto-statements.ts';
import { proofType, testResultType } from '../../../services/statements/rules/proof-predicate.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm } from '../../support/patch-farm.ts';
import { say } from '../cli/captured-cli.ts';

const app = 'exports.add = (a, b) => a - b;\nexports.mul = (a, b) => a * b;\n';
const tests = `const { it } = require('node:test');
const assert = require('node:assert/strict');
const app = require('../src/app.cjs');
it('adds', () => assert.equal(app.add(2, 3), 5));
it('multiplies', () => assert.equal(app.mul(2, 3), 6));
`;
const files = {
  'a/lint.pl': mendingLinter(),
  'a/src/a.js': 'const a = "bad";\nconst d = 1;\n',
  'sums/src/app.cjs': app,
  'sums/test/app.test.cjs': tests,
};

let farm: PatchFarm;
let place: string;
let attempt: Json;
before(async () => {
  farm = await openPatchFarm({ files });
  place = join(farm.dir, 'proof');
  mkdirSync(place);
  const sums = { path: 'sums', language: 'javascript', test: 'node --test test/*.test.cjs' };
  const seen = await farm.seen(
    'sums',
    { subprojects: [sums], patch: { kinds: ['test_fail'], methods: ['agent'] } },
    'test',
  );
  const edit = { file: 'sums/src/app.cjs', search: 'a - b', replace: 'a + b' };
  const answer = JSON.stringify({ edits: [edit], explanation: 'So.' });
  farm.script('sums', 'no answer that anybody could read', answer);
  attempt = await farm.mend(seen, 'adds');
  assert.equal(attempt.status, 'pr_opened', JSON.stringify(attempt.failure));
  const [bundle, keys] = await Promise.all([
    farm.http.get(`/patches/${attempt.id}/statement`),
    farm.http.get('/.well-known/crafting-table-keys.json'),
  ]);
  writeFileSync(join(place, 'proof.jsonl'), bundle.text);
  writeFileSync(join(place, 'keys.json'), keys.text);
  writeFileSync(join(place, 'patch.diff'), attempt.diff);
});
after(() => farm.close());

const at = (name: string) => join(place, name);
const payloads = (name: string): Json[] =>
  readFileSync(at(name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(Buffer.from(JSON.parse(line).payload, 'base64').toString('utf8')));
const verify = (proof: string, ...more: string[]) =>
  say(['verify-proof', at(proof), '--key', at('keys.json'), ...more]);

/** A copy of a file in which one byte is another one. */
function flipped(name: string, as: string, where: number): string {
  const bytes = readFileSync(at(name));
  const place = where < 0 ? bytes.length + where : where;
  bytes[place] = bytes[place] === 65 ? 66 : 65;
  writeFileSync(at(as), bytes);
  return as;
}

describe('the signed statement of a proof', () => {
  it('says what was done on what, by what, and what all turns took', () => {
    const [proof, test] = payloads('proof.jsonl');
    assert.deepEqual([proof.predicateType, test.predicateType], [proofType, testResultType]);
    const { predicate } = proof;
    assert.equal(predicate.base.commit, attempt.base.sha);
    assert.equal(predicate.commit, attempt.commit);
    assert.deepEqual(
      predicate.turns.map(({ turn, method, end }: Json) => [turn, method, end]),
      [
        [1, 'agent', attempt.sent_back[0].reason],
        [2, 'agent', 'proven'],
      ],
    );
    assert.equal(predicate.cost.turns, 2);
    assert.equal(predicate.tests.executed, 2);
    for (const name of ['adds', 'multiplies'])
      assert.ok(
        predicate.tests.names.some((one: string) => one.includes(name)),
        name,
      );
    assert.ok(
      predicate.mutants.some(({ end }: Json) => end === 'killed'),
      JSON.stringify(predicate.mutants),
    );
    assert.ok(predicate.runs.length >= 8 && predicate.runs.every(({ log }: Json) => /^[0-9a-f]{64}$/.test(log.sha256)));
    assert.match(predicate.environment.tools.find(({ program }: Json) => program === 'node')?.version, /^v\d+\./);
    assert.equal(test.predicate.result, 'PASSED');
    assert.equal(test.predicate.passedTests.length, 2);
  });

  it('is named in the pull request by its digest and its key', async () => {
    const [pull] = farm.parts.forge.pulls;
    const { headers } = await farm.http.get(`/patches/${attempt.id}/statement`);
    assert.match(pull?.body ?? '', new RegExp(headers.get('x-content-sha256') ?? 'no digest'));
    const { keys } = (await farm.http.get('/.well-known/crafting-table-keys.json')).json;
    assert.match(pull?.body ?? '', new RegExp(keys[0].kid));
    assert.ok(!JSON.stringify(keys).includes('"d"'), 'no private key');
  });

  it('fits the published schema', async () => {
    const schema = (await farm.http.get('/schemas/proof-v1.json')).json;
    assert.equal(schema.$id, proofType);
    assert.deepEqual(Object.keys(payloads('proof.jsonl')[0].predicate).sort(), [...schema.required].sort());
  });

  it('is checked offline with the patch, the logs and the commit', async () => {
    const logs = at('logs');
    mkdirSync(logs, { recursive: true });
    for (const { job_id } of payloads('proof.jsonl')[0].predicate.runs)
      writeFileSync(join(logs, `${job_id}.log`), (await farm.http.get(`/jobs/${job_id}/log`)).text);
    const more = ['--diff', at('patch.diff'), '--logs', logs, '--repository', farm.parts.bare];
    const { code, out } = await verify('proof.jsonl', ...more);
    assert.equal(code, 0, out);
    assert.match(out, /ok {2}patch: sha256/);
    assert.match(out, /ok {2}commit: /);
    assert.match(out, /The proof holds/);
    const [{ predicate }] = payloads('proof.jsonl');
    const one = join(logs, `${predicate.runs[1].job_id}.log`);
    const text = readFileSync(one);
    writeFileSync(one, Buffer.concat([text, Buffer.from('x')]));
    const changed = await verify('proof.jsonl', ...more);
    assert.equal(changed.code, 1);
    assert.match(changed.out, new RegExp(`NO {2}log ${predicate.runs[1].job_id}`));
  });

  it('is refused with one other byte in the patch or in any place of the statement', async () => {
    const diff = await verify('proof.jsonl', '--diff', at(flipped('patch.diff', 'other.diff', -3)));
    assert.equal(diff.code, 1);
    assert.match(diff.out, /NO {2}patch: it has sha256/);
    const { length } = readFileSync(at('proof.jsonl'));
    for (let where = 3; where < length; where += Math.ceil(length / 60)) {
      const { code, out } = await verify(flipped('proof.jsonl', 'other.jsonl', where));
      assert.equal(code, 1, `${where} of ${length}: ${out}`);
      assert.match(out, /^NO {2}/m);
    }
  });

  it('is refused by the key of another farm, and still verified after the key was rotated', async () => {
    const kid = (await farm.http.get('/.well-known/crafting-table-keys.json')).json.keys[0].kid;
    const rotated = await farm.http.post('/admin/signing-key/rotate', {});
    assert.equal(rotated.status, 200, rotated.text);
    assert.notEqual(rotated.json.key_id, kid);
    const now = await farm.http.get('/.well-known/crafting-table-keys.json');
    assert.deepEqual(
      now.json.keys.map(({ active }: Json) => active),
      [true, false],
    );
    writeFileSync(at('keys.json'), now.text);
    assert.equal((await verify('proof.jsonl')).code, 0);
    writeFileSync(at('foreign.json'), JSON.stringify({ keys: [now.json.keys[0]] }));
    const foreign = await say(['verify-proof', at('proof.jsonl'), '--key', at('foreign.json')]);
    assert.equal(foreign.code, 1);
    assert.match(foreign.out, /none of the keys/);
  });

  it('is fetched from its farm with the bearer that was kept for that farm, which no other server gets', async () => {
    const asked: (string | undefined)[] = [];
    const other = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const env = {
      CRAFTING_TABLE_BASE_URL: farm.url,
      CRAFTING_TABLE_TOKEN: await farm.http.mint('proof.reader', { team: 'admin', role: 'viewer' }),
    };
    try {
      const own = await say(['verify-proof', `${farm.url}/patches/${attempt.id}/statement`], { env });
      assert.equal(own.code, 0, own.out + own.err);
      const foreign = await say(['verify-proof', `http://127.0.0.1:${port}/patches/1-1/statement`], { env });
      assert.notEqual(foreign.code, 0);
      assert.match(foreign.err, /answers 401: crafting-table login --server http/);
      assert.deepEqual(asked, [undefined]);
    } finally {
      other.close();
    }
    for (const [url, words] of [
      ['http://127.0.0.1:9/x', /http:\/\/127\.0\.0\.1:9\/x cannot be fetched: .*bad port/],
      ['http://', /no URL that can be fetched/],
      ['http://me:pass@127.0.0.1/x', /without a user/],
    ] as const) {
      const { code, err } = await say(['verify-proof', url, '--key', at('keys.json')], { env });
      assert.notEqual(code, 70, url);
      assert.match(err, words);
      assert.doesNotMatch(err, /internal|pass@/);
    }
  });

  it('is proven again on a clean clone', async () => {
    const { code, out, err } = await verify('proof.jsonl', '--diff', at('patch.diff'), '--rerun', farm.parts.bare);
    assert.equal(code, 0, out + err);
    assert.match(out, /ok {2}rerun: proven again, by \d+ runs/);
    assert.match(out, /ok {2}tools: the same/);
  });

  it('does not stand a rerun where somebody signed what is not so', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    const key = { keyId: keyIdOf(publicKey), privateKey };
    const diff = readFileSync(at('patch.diff'), 'utf8').replace('a + b', 'b - a');
    const lies = payloads('proof.jsonl').map((one) => {
      const subject = [one.subject[0], { ...one.subject[1], digest: { sha256: sha256Of(diff) } }];
      const said = one.predicate.diff
        ? { ...one.predicate, diff: { ...one.predicate.diff, sha256: sha256Of(diff) } }
        : one.predicate;
      return `${JSON.stringify(envelopeOf({ ...one, subject, predicate: said }, key))}\n`;
    });
    writeFileSync(at('lies.jsonl'), lies.join(''));
    writeFileSync(at('lies.diff'), diff);
    writeFileSync(at('lies.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    const { code, out } = await say([
      ...['verify-proof', at('lies.jsonl'), '--key', at('lies.pem'), '--diff', at('lies.diff')],
      ...['--rerun', farm.parts.bare],
    ]);
    assert.equal(code, 1, out);
    assert.match(out, /ok {2}patch: /);
    assert.match(out, /NO {2}rerun: not proven: (still_there|test_newly_failing)/);
  });
});
