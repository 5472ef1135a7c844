import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createCurve } from '@nats-io/nkeys';
import { type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node';
import { silent } from '../../../services/io/log.ts';
import { connectNats } from '../../../services/io/nats/connection.ts';
import { sampleData } from '../../events/stored-payloads.ts';
import { openFarm } from '../../support/farm.ts';
import { chance, hostileWord } from '../../support/hostile-words.ts';
import { until } from '../../support/until.ts';

const farm = await openFarm({ env: { CRAFTING_ROLES: 'api,parser,projector,relay' } });
after(() => farm.close());
const { http, store } = farm;
type Answer = { refused?: { code: string; message: string }; [field: string]: unknown };

/** A connection with the credential of a new runner. */
async function runnerOf(name: string) {
  const { status, json } = await http.post('/admin/runners', { name });
  assert.equal(status, 201);
  const creds = join(farm.dir, `${name}.creds`);
  writeFileSync(creds, json.credentials, { mode: 0o600 });
  const { connection } = await connectNats({ url: json.nats.url, creds, name: 'test', log: silent });
  after(() => connection.close());
  const ask = async (verb: string, body: unknown, more?: Record<string, string>): Promise<Answer> => {
    const headers = natsHeaders();
    for (const [key, value] of Object.entries(more ?? {})) headers.set(key, value);
    const payload = typeof body === 'string' ? body : JSON.stringify(body);
    return (await connection.request(`ct-claim.${name}.${verb}`, payload, { timeout: 20_000, headers })).json<Answer>();
  };
  await until(() =>
    ask('beat', '').then(
      ({ refused }) => refused?.code === 'invalid',
      () => false,
    ),
  );
  return { connection, ask };
}

const lease = '01hzzzzzzzzzzzzzzzzzzzzzz1';
const facts = { host: 'h', slots: 1, containment: 'none', sandbox: 'none', labels: [], draining: false };
const asking = { lease, containment: 'none', sandbox: 'none', labels: [], running: [] };
const end = sampleData('RecipeExited', { log_first_seq: 0, log_last_seq: 0, log_bytes: 0, log_digest: null });

const ann = await runnerOf('ann');
const bob = await runnerOf('bob');
const subprojects = [{ path: '.', language: 'sh', test: 'true', secrets: ['NPM_TOKEN', 'ELSEWHERE'] }];
for (const [name, body] of [
  ['NPM_TOKEN', { value: 'let-in-value' }],
  ['ELSEWHERE', { value: 'kept-back', branches: ['release/*'] }],
  ['UNNAMED', { value: 'of-nobody' }],
] as const)
  assert.equal((await http('PUT', `/admin/secrets/${name}`, { body })).status, 200);
const gitUrl = 'https://user:hunter2secret@git.example.org/team/shop.git';
assert.equal((await http.post('/projects', { name: 'shop', git_url: gitUrl, subprojects })).status, 201);
const { job_id: job } = (await http.post('/projects/shop/jobs', { recipe: 'test' })).json as { job_id: string };
const order = await until(
  async () => (await ann.ask('next', asking)).order as { data: Record<string, unknown> } | null,
);
const ref = String(order?.data.credential_ref);

test('a runner is handed its job, and the one secret of it, sealed to a key of its own', async () => {
  assert.equal(order?.data.job_id, job);
  assert.doesNotMatch(JSON.stringify(order), /hunter2secret/);
  const pair = createCurve();
  const { sealed, from } = await ann.ask('secret', { lease, job_id: job, ref, key: pair.getPublicKey() });
  const plain = pair.open(Buffer.from(String(sealed), 'base64'), String(from));
  assert.equal(JSON.parse(Buffer.from(plain ?? []).toString()).password, 'hunter2secret');
  const again = (await ann.ask('next', asking)).order as { data: { job_id: string } } | null;
  assert.equal(again?.data.job_id, job, 'an order that was lost is given again');
});

test('a runner gets the secrets that its job may have, and no others', async () => {
  const { found } = (await ann.ask('secrets', { lease, job_id: job })) as {
    found: { name: string; value_ref: string }[];
  };
  assert.deepEqual(
    found.map(({ name }) => name),
    ['NPM_TOKEN', 'ELSEWHERE'],
  );
  const open = async (secretRef: string) => {
    const pair = createCurve();
    const answer = await ann.ask('secret', { lease, job_id: job, ref: secretRef, key: pair.getPublicKey() });
    if (answer.refused) return answer.refused.code;
    return Buffer.from(pair.open(Buffer.from(String(answer.sealed), 'base64'), String(answer.from)) ?? []).toString();
  };
  const refOf = (name: string) => farm.models?.query().secrets.find({ layer: 'farm', of: null, name })?.value_ref ?? '';
  assert.equal(await open(refOf('NPM_TOKEN')), 'let-in-value');
  assert.equal(await open(refOf('ELSEWHERE')), 'not_found');
  assert.equal(await open(refOf('UNNAMED')), 'not_found');
  assert.equal((await bob.ask('secrets', { lease, job_id: job })).refused !== undefined, true);
});

test('what is malformed, foreign, stale or repeated changes nothing, by the thousand and with each credential', async () => {
  const before = await store.log.end();
  const stored = (await store.nats.jsm.streams.info('CT_LOGS')).state.last_seq;
  const pick = chance(11);
  const key = createCurve().getPublicKey();
  const other = '01hzzzzzzzzzzzzzzzzzzzzzz2';
  const none = '01hzzzzzzzzzzzzzzzzzzzzzz3';
  const verbs = [
    'beat',
    'next',
    'tell',
    'secret',
    'draft',
    `put.ct-log.${job}.stdout`,
    'nothing',
    'put.ct.job.x.RecipeExited',
  ];
  const told = { lease, type: 'RecipeExited', job_id: job, once: 'x', data: end };
  const forged: [verb: string, body: unknown, headers?: Record<string, string>][] = [
    // Of somebody else's job, of none, and under another lease.
    ['tell', { ...told, job_id: none }],
    ['tell', { ...told, lease: other }],
    ['secret', { lease, job_id: none, ref, key }],
    ['secret', { lease: other, job_id: job, ref, key }],
    ['draft', { lease, job_id: job, seq: 1 }],
    [`put.ct-log.${none}.stdout`, 'x', { 'Ct-Lease': lease, 'Ct-Once': 'a' }],
    [`put.ct-log.${job}.stdout`, 'x', { 'Ct-Lease': other, 'Ct-Once': 'a' }],
    // Facts that no runner says, and ends that are not so.
    ['tell', { ...told, type: 'JobEnqueued' }],
    ['tell', { ...told, data: { ...end, reason: 'magic' } }],
    ['tell', { ...told, data: { ...end, log_last_seq: 1_000_000 } }],
    ['tell', { ...told, data: {} }],
  ];
  const hostile = async (runner: typeof ann, isHolder: boolean, count: number) => {
    for (let round = 0; round < count; round += 50)
      await Promise.all(
        Array.from({ length: 50 }, async (_, at) => {
          const [verb = '', body, headers] =
            at % 2 === 0
              ? [verbs[pick(verbs.length)], hostileWord(pick, 400)]
              : (forged[pick(forged.length)] ?? ['', '']);
          const { refused } = await runner.ask(verb, body, headers);
          assert.ok(
            refused && refused.code !== 'internal',
            `${verb} ${JSON.stringify(body)} ${JSON.stringify(refused)}`,
          );
        }),
      );
    if (isHolder) return;
    for (const [verb, body, headers] of [
      ['tell', told],
      ['secret', { lease, job_id: job, ref, key }],
      [`put.ct-log.${job}.stdout`, 'x', { 'Ct-Lease': lease, 'Ct-Once': 'a' }],
    ] as typeof forged)
      assert.equal((await runner.ask(verb, body, headers)).refused?.code, 'not_found', verb);
  };
  await hostile(ann, true, 2_500);
  await hostile(bob, false, 2_500);
  await shouted(ann.connection, 2_500, pick);
  await shouted(await subscriberOf('eve'), 2_500, pick);
  assert.equal(await store.log.end(), before + 1, 'the subscriber that was added, and nothing else');
  assert.equal((await store.nats.jsm.streams.info('CT_LOGS')).state.last_seq, stored);
  assert.equal((await http.get('/readyz')).status, 200);
});

test('a job has one end, whoever repeats it, and the farm shows it', async () => {
  const headers = { 'Ct-Lease': lease, 'Ct-Once': 'chunk-1' };
  const { seq } = await ann.ask(`put.ct-log.${job}.stdout`, 'hello\n', headers);
  assert.deepEqual(await ann.ask(`put.ct-log.${job}.stdout`, 'hello\n', headers), { seq });
  const data = {
    ...end,
    exit_code: 0,
    reason: 'exited',
    log_first_seq: seq,
    log_last_seq: seq,
    log_bytes: 6,
    project: 'other',
  };
  const said = { lease, type: 'RecipeExited', job_id: job, once: 'end-1', data };
  const first = await ann.ask('tell', said);
  assert.ok(typeof first.seq === 'number', JSON.stringify(first));
  for (const once of ['end-1', 'end-2'])
    assert.equal((await ann.ask('tell', { ...said, once })).refused?.code, 'conflict');
  assert.equal((await store.log.last('RecipeExited', job))?.data.project, 'shop');
  await until(async () => (await http.get(`/jobs/${job}`)).json.job.status === 'succeeded');
  assert.deepEqual((await http.get(`/jobs/${job}`)).json.log_tail, ['hello']);
  assert.deepEqual(await ann.ask('beat', { lease, facts, running: [job] }).then(({ stop }) => stop), [
    { job_id: job, reason: 'lost' },
  ]);
});

async function subscriberOf(name: string): Promise<NatsConnection> {
  const { status, json } = await http.post('/admin/subscribers', { name });
  assert.equal(status, 201, JSON.stringify(json));
  const creds = join(farm.dir, `${name}.creds`);
  writeFileSync(creds, `${json.seed}\n`, { mode: 0o600 });
  const { connection } = await connectNats({ url: json.nats.url, creds, name: 'test', log: silent });
  after(() => connection.close());
  return connection;
}

/** Publishes straight at the streams and the service, without waiting for anything. */
async function shouted(connection: NatsConnection, count: number, pick: (below: number) => number): Promise<void> {
  const subjects = [
    `ct.job.${job}.RecipeExited`,
    'ct.job.zzz.RecipeExited',
    'ct.token.x.TokenMinted',
    `ct-log.${job}.stdout`,
    '$KV.CT_LEASES.ann',
    '$KV.CT_SECRETS.x',
    'ct-claim.bob.tell',
    '$JS.API.STREAM.PURGE.CT_LOGS',
    '$JS.API.STREAM.DELETE.CT_EVENTS',
  ];
  for (let round = 0; round < count; round += 1)
    connection.publish(subjects[pick(subjects.length)] ?? '', hostileWord(pick, 200));
  await connection.flush();
}
