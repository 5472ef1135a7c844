import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { appendMany } from '../../support/append-many.ts';
import { openFarm } from '../../support/farm.ts';
import type { Asking, Json } from '../../support/http.ts';
import { whileMoving } from '../../support/until.ts';
import { enqueue, register } from './registered.ts';
import { eventsOf, linesOf } from './server-sent.ts';

const farm = await openFarm();
after(() => farm.close());
const { http } = farm;
let owner = '';
let other = '';

before(async () => {
  [owner, other] = [await http.mint('owner'), await http.mint('other')];
  await register(farm, 'mine', { bearer: owner, commands: { test: 'exit 1' } });
  await register(farm, 'theirs', { bearer: other });
  await http.ended((await enqueue(farm, 'mine', { recipe: 'test' })).job_id);
});

async function events(query = '', asking: Asking = {}): Promise<Json[]> {
  const { status, text, headers } = await http.get(`/events${query}`, asking);
  assert.equal(status, 200, text);
  assert.match(headers.get('content-type') ?? '', /^application\/x-ndjson/);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

test('an admin reads the whole history as lines of JSON, without a gap', async () => {
  const all = await events();
  assert.deepEqual(
    all.map(({ seq }) => seq),
    all.map((_event, index) => index + 1),
  );
  assert.deepEqual([all[0].type, all[0].subject], ['TokenMinted', 'admin']);
  for (const { id, time, source, correlation_id, data } of all)
    assert.ok(id && time && source && correlation_id && data);
  assert.deepEqual(
    (await events(`?from=${all.length}`)).map(({ seq }) => seq),
    [all.length],
  );
  assert.deepEqual(await events(`?from=${all.length + 5}`), []);
  assert.equal((await events(`?from=${all[3].time}`))[0].time, all[3].time);
});

test('a token reads what belongs to its own projects', async () => {
  const seen = await events('', { bearer: owner });
  const types = new Set(seen.map(({ type }) => type));
  for (const type of [
    'ProjectRegistered',
    'JobEnqueued',
    'RecipeStarted',
    'RecipeExited',
    'FindingDetected',
    'FindingsParsed',
  ])
    assert.ok(types.has(type), type);
  assert.ok(!types.has('TokenMinted'));
  assert.deepEqual(new Set(seen.map(({ data, subject }) => data.project ?? subject)), new Set(['mine']));
  assert.deepEqual(
    (await events('', { bearer: other })).map(({ subject }) => subject),
    ['theirs'],
  );
});

test('events are narrowed by entity and by project', async () => {
  assert.deepEqual(new Set((await events('?entity=token')).map(({ type }) => type)), new Set(['TokenMinted']));
  assert.deepEqual(
    (await events('?project=theirs')).map(({ type }) => type),
    ['ProjectRegistered'],
  );
  assert.deepEqual(
    new Set((await events('?project=mine&entity=finding')).map(({ type }) => type)),
    new Set(['FindingDetected']),
  );
});

test('events are narrowed by name, by several projects and by severity, and words that are none are refused', async () => {
  const typesOf = async (query: string, asking?: Asking) =>
    new Set((await events(query, asking)).map(({ type }) => type));
  assert.deepEqual(await typesOf('?events=FindingDetected,RecipeExited'), new Set(['RecipeExited', 'FindingDetected']));
  assert.deepEqual(
    await typesOf('?events=FindingDetected&events=TokenMinted'),
    new Set(['TokenMinted', 'FindingDetected']),
  );
  const both = await events('?project=mine,theirs&events=ProjectRegistered');
  assert.deepEqual(
    both.map(({ subject }) => subject),
    ['mine', 'theirs'],
  );
  assert.deepEqual(await events('?events=FindingDetected&severity=critical,high'), []);
  assert.equal((await events('?events=FindingDetected&severity=error&severity=high')).length, 1);
  const refused = async (query: string, status: number, words: RegExp, asking: Asking = {}) => {
    const answer = await http.get(`/events${query}`, asking);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.json.detail, words);
    return answer.json.errors;
  };
  const [fault] = await refused('?events=PrOpened,Nonsense', 400, /events: "Nonsense" is no event/);
  assert.equal(fault.path, '/querystring/events');
  await refused('?severity=deadly', 400, /severity: expected critical, high/);
  await refused('?project=mine,theirs', 404, /no such project/, { bearer: owner });
  await refused('?from=yesterday', 400, /Expected a sequence/);
});

test('a reader begins at the start, or with what happens from now on', async () => {
  assert.equal((await events('?from=start'))[0].seq, 1);
  assert.deepEqual(await events('?from=now'), []);
});

test('positions say how far the log was looked at, although nothing of it was wanted', async () => {
  const before = (await events()).length;
  const silent = Array.from({ length: 1_100 }, (_, n) => sampleDraft('TokenRevoked', 'x', { name: `t${n}` }));
  await appendMany(farm.store.log, silent);
  assert.deepEqual(await events(`?from=${before + 1}&events=PrOpened&positions=1`), [
    { position: before },
    { position: before + 500 },
    { position: before + 1_000 },
    { position: before + 1_100 },
  ]);
  let text = '';
  await whileMoving(async (signal) => {
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${owner}` };
    const response = await fetch(`${farm.url}/events?events=PrOpened&from=${before + 1}`, { headers, signal });
    for await (const line of linesOf(response)) {
      text += `${line}\n`;
      if (text.endsWith(`id: ${before + 1_000}\n\n`)) break;
    }
  });
  assert.equal(text, [0, 500, 1_000].map((more) => `id: ${before + more}\n\n`).join(''));
});

test('a line carries what its CloudEvent needs, and is one when that is asked for', async () => {
  const [line] = await events('?events=ProjectRegistered');
  assert.deepEqual([line.entity, line.data_version >= 1], ['project', true]);
  const [event] = await events('?events=ProjectRegistered', { headers: { accept: 'application/cloudevents+json' } });
  const { specversion, id, subject, sequence, data } = event;
  assert.deepEqual([specversion, id, data], ['1.0', line.id, line.data]);
  assert.deepEqual([subject, Number(sequence)], ['ct.project.mine.ProjectRegistered', line.seq]);
});

/** Reads server-sent events until one of a type has come, then hangs up. */
async function heard(type: string, headers: Record<string, string>, meanwhile: () => Promise<unknown>) {
  const hangUp = new AbortController();
  let text = '';
  await whileMoving(async (still) => {
    const response = await fetch(`${farm.url}/events`, {
      headers: { accept: 'text/event-stream', ...headers },
      signal: AbortSignal.any([hangUp.signal, still]),
    });
    await meanwhile();
    for await (const line of linesOf(response)) {
      text += `${line}\n`;
      if (line === '' && text.includes(`event: ${type}\n`)) break;
    }
  });
  hangUp.abort();
  return eventsOf(text);
}

test('events are heard live, and a listener that comes back goes on after the last one it had', async () => {
  const authorization = `Bearer ${owner}`;
  const last = String((await events()).length);
  const first = await heard('ProjectUpdated', { authorization, 'last-event-id': last }, async () => {
    const { project } = (await http.get('/projects/mine')).json;
    await http('PUT', '/projects/mine', { body: { ...project, supersede: true } });
  });
  assert.deepEqual(
    first.map(({ event }) => event),
    ['ProjectUpdated'],
  );
  const more = await heard('ProjectRegistered', { authorization, 'last-event-id': first[0]?.id ?? '' }, async () => {
    // What is not theirs is not heard, although it comes first.
    await register(farm, 'hidden', { bearer: other });
    await register(farm, 'new', { bearer: owner });
  });
  assert.deepEqual(
    more.map(({ data }) => JSON.parse(data).subject),
    ['new'],
  );
});

test('a listener is hung up on when its bearer is revoked', async () => {
  const bearer = await http.mint('leaving');
  const response = await fetch(`${farm.url}/events?follow=1`, { headers: { authorization: `Bearer ${bearer}` } });
  await http('DELETE', '/admin/tokens/leaving');
  await assert.rejects(response.text());
});
