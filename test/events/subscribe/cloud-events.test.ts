import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloudEvent, HTTP, Kafka } from 'cloudevents';
import { open, seal } from '../../../events/envelope.ts';
import type { Recorded } from '../../../events/registry.ts';
import { cloudEventOf, lineOf, openLine } from '../../../events/subscribe/event-line.ts';
import { eventNames, sampleDraft } from '../stored-payloads.ts';

const cause = { eventId: 'c-1', correlationId: 'r-1', consumer: 'tester', ordinal: 1 };
const sealedEvents = eventNames.map((name) =>
  seal(sampleDraft(name, 'an id.with/ü'), { source: '/crafting-table/api', now: new Date(1_770_000_000_123), cause }),
);
const attributes = ({
  id,
  source,
  type,
  subject,
  time,
  correlationid,
  causationid,
  dataversion,
}: CloudEvent<unknown>) => ({
  id,
  source,
  type,
  subject,
  time,
  correlationid,
  causationid,
  dataversion,
});

/** An event as the log holds it, out of what was sealed. */
function recorded({ subject, payload, headers }: (typeof sealedEvents)[number]): Recorded {
  return open({ subject, seq: 42, payload, header: (name) => headers[name] ?? '' });
}

describe('with the official SDK of CloudEvents, in its strict mode', () => {
  it('the headers and the payload of every event are a CloudEvent in binary mode', () => {
    for (const { headers, payload, id, subject } of sealedEvents) {
      const message = { headers: { 'content-type': 'application/json', ...headers }, body: payload };
      const event = HTTP.toEvent(message) as CloudEvent<unknown>;
      assert.equal(event.validate(), true);
      const { type, source, time } = event;
      assert.deepEqual([event.id, event.subject, event.data], [id, subject, JSON.parse(payload)]);
      assert.deepEqual([type, source, time], [headers['ce-type'], '/crafting-table/api', '2026-02-02T02:40:00.123Z']);
      assert.ok(new CloudEvent(event, true));
    }
  });

  it('the structured form of every event is a CloudEvent with the same attributes, and keeps its place in the log', () => {
    for (const sealed of sealedEvents) {
      const structured = cloudEventOf(recorded(sealed));
      const body = JSON.stringify(structured);
      const event = HTTP.toEvent({
        headers: { 'content-type': 'application/cloudevents+json' },
        body,
      }) as CloudEvent<unknown>;
      assert.equal(event.validate(), true);
      const binary = HTTP.toEvent({
        headers: { 'content-type': 'application/json', ...sealed.headers },
        body: sealed.payload,
      }) as CloudEvent<unknown>;
      assert.deepEqual(attributes(event), attributes(binary));
      assert.deepEqual([event.data, event.sequence], [binary.data, '000000000000042']);
    }
  });

  it('what the SDK itself makes of an event has our attributes under the same names', () => {
    const [sealed] = sealedEvents;
    assert.ok(sealed);
    const ours = new CloudEvent(cloudEventOf(recorded(sealed)), true);
    const { headers } = HTTP.binary(ours);
    for (const [name, value] of Object.entries(sealed.headers)) assert.equal(headers[name], value, name);
    assert.ok(Kafka.isEvent(Kafka.binary(ours)));
  });
});

describe('a line of GET /events', () => {
  it('carries everything of an event, so that it opens again', () => {
    for (const sealed of sealedEvents) {
      const event = recorded(sealed);
      const line = JSON.parse(JSON.stringify(lineOf(event)));
      assert.deepEqual(openLine(line), event);
      assert.deepEqual(cloudEventOf(openLine(line)), cloudEventOf(event));
    }
  });
});
