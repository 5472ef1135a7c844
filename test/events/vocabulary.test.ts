import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { defineEvent, versionOf } from '../../events/define.ts';
import { deriveEventId, open, type Sealed, seal, UnopenableEvent } from '../../events/envelope.ts';
import { closed, text } from '../../events/fields.ts';
import { currentVersion, type Draft, events, isEventName } from '../../events/registry.ts';
import { fromSubjectToken, parseSubject, subjectOf, subjectToken } from '../../events/subjects.ts';
import { eventNames, payloadFiles, payloadOf, sampleData, sampleDraft } from './stored-payloads.ts';

const sealing = { source: '/test', now: new Date('2026-01-02T03:04:05.678Z') };
const sealed = (draft: Draft, more = {}) => seal(draft, { ...sealing, ...more });
const stored = ({ subject, payload, headers }: Sealed, changes: Record<string, string> = {}) => ({
  subject,
  seq: 1,
  payload,
  header: (name: string) => ({ ...headers, ...changes })[name] ?? '',
});
const ids = fc.string({ unit: 'binary', minLength: 1 }).filter((id) => id.isWellFormed());

describe('the vocabulary', () => {
  it('has a stored payload of every version of every event, and no other files', () => {
    const wanted = eventNames.flatMap((name) =>
      Array.from({ length: currentVersion(name) }, (_, at) => `${name}.v${at + 1}.json`),
    );
    assert.deepEqual(payloadFiles().sort(), wanted.sort());
  });

  for (const name of eventNames) {
    it(`opens ${name} in every version that was ever stored`, () => {
      for (let version = 1; version <= currentVersion(name); version += 1) {
        const payload = payloadOf(name, version);
        const event = open({
          ...stored(sealed(sampleDraft(name, 'x'))),
          payload,
          header: (header) => (header === 'ce-dataversion' ? String(version) : 'x'),
        });
        assert.equal(event.type, name);
        assert.deepEqual(Object.keys(event.data).sort(), Object.keys(sampleData(name)).sort());
      }
    });

    it(`refuses ${name} with a field that it does not know, without one it needs, and with endless text`, () => {
      const data: Record<string, unknown> = sampleData(name);
      const refused = (changed: object, what: string) =>
        assert.throws(() => sealed({ type: name, id: 'x', data: changed } as Draft), UnopenableEvent, what);
      refused({ ...data, surprise: 1 }, 'an unknown field');
      const required = events[name].data.required ?? [];
      for (const field of required) refused({ ...data, [field]: undefined }, `${field} is missing`);
      for (const [field, value] of Object.entries(data))
        if (typeof value === 'string') refused({ ...data, [field]: 'x'.repeat(600_000) }, `${field} is endless`);
    });
  }

  it('keeps any id whole through its subject, as one token', () => {
    fc.assert(
      fc.property(ids, fc.constantFrom(...eventNames), (id, name) => {
        const subject = subjectOf(name, id);
        assert.deepEqual(parseSubject(subject), { type: name, id });
        assert.match(subject, /^ct\.[a-z]+\.[A-Za-z0-9_=-]+\.[A-Za-z]+$/);
        assert.equal(fromSubjectToken(subjectToken(id)), id);
      }),
    );
    for (const id of ['a.b', '*', '>', 'a b', 'ü.>', '=', '%41', '\0'])
      assert.equal(parseSubject(subjectOf('TokenRevoked', id))?.id, id);
  });

  it('gives different ids different subjects', () => {
    fc.assert(fc.property(ids, ids, (one, other) => one === other || subjectToken(one) !== subjectToken(other)));
  });

  it('takes no subject that is not one of its own', () => {
    for (const subject of [
      'ct.token.ann',
      'ct.job.ann.TokenRevoked',
      'ct.token..TokenRevoked',
      'ct.token.a.b.TokenRevoked',
      'x.token.a.TokenRevoked',
      'ct.token.a.toString',
      '',
    ])
      assert.equal(parseSubject(subject), null, subject);
    assert.equal(isEventName('constructor'), false);
  });
});

describe('the envelope', () => {
  it('is CloudEvents 1.0 in binary mode: attributes in headers, the data alone in the payload', () => {
    const draft = sampleDraft('TokenRevoked', 'ann', { name: 'ann' });
    const cause = { eventId: 'c', correlationId: 'r', consumer: 'tester', ordinal: 3 };
    const { headers, payload, id, subject } = sealed(draft, { cause });
    assert.deepEqual(headers, {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-type': 'TokenRevoked',
      'ce-source': '/test',
      'ce-time': '2026-01-02T03:04:05.678Z',
      'ce-subject': subject,
      'ce-correlationid': 'r',
      'ce-causationid': 'c',
      'ce-dataversion': '1',
    });
    assert.deepEqual(JSON.parse(payload), { name: 'ann' });
  });

  it('begins a correlation of its own where there is no cause', () => {
    const { headers, id } = sealed(sampleDraft('TokenRevoked', 'ann', { name: 'ann' }));
    assert.equal(headers['ce-correlationid'], id);
    assert.equal(headers['ce-causationid'], undefined);
  });

  it('derives the same id from the same effect for ever, and another one from any other', () => {
    const cause = { eventId: 'e1', consumer: 'parser', ordinal: 1 };
    assert.equal(deriveEventId(cause), 'f9a68892df77775b17d2208568a6a45a');
    const others = [
      { ...cause, eventId: 'e2' },
      { ...cause, consumer: 'p' },
      { ...cause, ordinal: 2 },
      { ...cause, ordinal: 'x' },
    ];
    assert.equal(new Set([cause, ...others].map(deriveEventId)).size, 5);
  });

  it('refuses what it cannot open, and says where it stands in the log', () => {
    const one = sealed(sampleDraft('TokenRevoked', 'ann', { name: 'ann' }));
    const cases: [object, RegExp][] = [
      [{ payload: 'not json' }, /sequence 1: the payload of TokenRevoked is not JSON/],
      [{ payload: 'null' }, /sequence 1: TokenRevoked/],
      [{ payload: '{"name":"ann","more":1}' }, /sequence 1: TokenRevoked\/more/],
      [{ subject: 'ct.token.ann.Unknown' }, /sequence 1: subject ct\.token\.ann\.Unknown is not an event of ours/],
      [{ header: () => '9' }, /has version 9, this build reads up to 1; upgrade it/],
      [{ header: () => 'x' }, /has version NaN/],
    ];
    for (const [changes, words] of cases)
      assert.throws(
        () => open({ ...stored(one), ...changes }),
        (error) => error instanceof UnopenableEvent && words.test(error.message),
      );
  });

  it('counts the version of an event by its upcasts', () => {
    const definition = defineEvent('ThingDone', 'job', closed({ name: text(8), size: Type.Integer() }), [
      ({ title, ...rest }) => ({ ...rest, name: title }),
      (data) => ({ ...data, size: 0 }),
    ]);
    assert.equal(versionOf(definition), 3);
    const newest = definition.upcasts.reduce((data: Record<string, unknown>, step) => step(data), { title: 'a' });
    assert.deepEqual(newest, { name: 'a', size: 0 });
  });
});
