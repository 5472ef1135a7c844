import { type TSchema, Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import { severities } from '../../../events/finding.ts';
import { currentVersion, type EventName, events } from '../../../events/registry.ts';
import { subscriberStream } from '../../../events/streams.ts';

type Document = Record<string, unknown>;

const names = Object.keys(events) as EventName[];
const reference = (path: string) => ({ $ref: `#/${path}` });
const each = <T>(make: (name: EventName) => T) => Object.fromEntries(names.map((name) => [name, make(name)]));

/** The attributes of CloudEvents 1.0 in binary mode, as every event of the log carries them. */
function headersOf(name: EventName): TSchema {
  return Type.Object({
    'ce-specversion': Type.Literal('1.0'),
    'ce-id': Type.String({ description: 'drop what comes twice with one id' }),
    'ce-type': Type.Literal(name),
    'ce-source': Type.String({ format: 'uri-reference' }),
    'ce-time': Type.String({ format: 'date-time' }),
    'ce-subject': Type.String({ description: 'the subject of the event in the log' }),
    'ce-correlationid': Type.String({ description: 'the id of the event with which it all began' }),
    'ce-causationid': Type.Optional(Type.String({ description: 'the id of the event that caused this one' })),
    'ce-dataversion': Type.Literal(String(currentVersion(name)), { description: 'of the data that is written today' }),
    'Ct-Sequence': Type.Optional(Type.String({ pattern: '^[0-9]+$', description: 'on a copy: its place in the log' })),
    'Ct-Subject': Type.Optional(Type.String({ description: 'on a copy: its subject in the log' })),
  });
}

const Line = Type.Object(
  {
    seq: Type.Integer({ minimum: 1 }),
    id: Type.String(),
    type: oneOf(names),
    entity: Type.String(),
    subject: Type.String({ description: "the entity's id" }),
    data_version: Type.Integer({ minimum: 1 }),
    time: Type.String({ format: 'date-time' }),
    source: Type.String({ format: 'uri-reference' }),
    causation_id: nullable(Type.String()),
    correlation_id: Type.String(),
    data: Type.Unsafe<unknown>({ anyOf: names.map((name) => reference(`components/schemas/${name}`)) }),
  },
  {
    description:
      'one line of NDJSON, or the data of one server-sent event, whose `id` is `seq` and whose `event` is `type`',
  },
);

const Query = Type.Object({
  from: Type.Optional(Type.String({ description: 'a sequence, an ISO 8601 time, `start` or `now`' })),
  events: Type.Optional(Type.String({ description: 'names of events, between commas' })),
  project: Type.Optional(Type.String({ description: 'names of projects, between commas' })),
  severity: Type.Optional(Type.String({ description: `of findings that appear: ${severities.join(', ')}` })),
  entity: Type.Optional(Type.String()),
  follow: Type.Optional(oneOf(['0', '1'])),
  positions: Type.Optional(oneOf(['0', '1'])),
});

/** The AsyncAPI 3.0 document: every event with its schema, and the ways to hear of it. */
export function asyncApi(version: string): Document {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'crafting-table',
      version,
      description: 'What happens in the build, test, lint and audit farm, as CloudEvents 1.0 in the order of its log.',
      license: { name: 'MIT' },
      contact: { name: 'crafting-table', url: 'http://127.0.0.1:8810/docs', email: 'nobody@crafting-table.invalid' },
      tags: [...new Set(names.map((name) => events[name].entity))].map((name) => ({ name })),
    },
    defaultContentType: 'application/json',
    servers,
    channels: { ...each(channelOf), subscriber, eventsOverHttp },
    operations: { ...each(operationOf), hearAsSubscriber, hearOverHttp },
    components: {
      messages: {
        ...each(messageOf),
        EventLine: { name: 'EventLine', contentType: 'application/x-ndjson', payload: Line },
      },
      schemas: each((name) => events[name].data),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'a token of the farm' },
        nkey: {
          type: 'asymmetricEncryption',
          description: 'the seed of an nkey: POST /admin/subscribers gives it once',
        },
      },
    },
  };
}

const variable = (byDefault: string, description: string) => ({ default: byDefault, description });

const servers = {
  nats: {
    host: '{host}:{port}',
    protocol: 'nats',
    description: 'The log. Each subscriber has an account of its own, which reaches its own consumer and nothing else.',
    variables: { host: variable('127.0.0.1', 'CRAFTING_NATS_LISTEN'), port: variable('4222', 'CRAFTING_NATS_LISTEN') },
    security: [reference('components/securitySchemes/nkey')],
  },
  http: {
    host: '{host}:{port}',
    protocol: 'http',
    variables: { host: variable('127.0.0.1', 'CRAFTING_HOST'), port: variable('8810', 'CRAFTING_PORT') },
    security: [reference('components/securitySchemes/bearer')],
  },
};

const subscriber = {
  address: subscriberStream.subjects[0].replace('*', '{name}'),
  title: 'What one subscriber hears',
  description: `Copies of the events that it was added for, in the stream ${subscriberStream.name}, out of the consumer sub-{name}.`,
  parameters: { name: { description: 'the name of the subscriber' } },
  servers: [reference('servers/nats')],
  messages: each((name) => reference(`components/messages/${name}`)),
};

const eventsOverHttp = {
  address: '/events',
  title: 'What a token may see',
  description: 'NDJSON, or server-sent events with `Accept: text/event-stream`, which go on after `Last-Event-ID`.',
  servers: [reference('servers/http')],
  messages: { EventLine: reference('components/messages/EventLine') },
};

const hearAsSubscriber = {
  action: 'send',
  channel: reference('channels/subscriber'),
  summary: 'Copies what a subscriber is to hear',
  description: 'Each event once, in the order of the log; what is not acknowledged comes again.',
};

const hearOverHttp = {
  action: 'send',
  channel: reference('channels/eventsOverHttp'),
  summary: 'Sends what a token may see',
  description: 'From a place of the log on, to its end or for as long as somebody listens.',
  bindings: { http: { method: 'GET', query: Query, bindingVersion: '0.3.0' } },
};

function channelOf(name: EventName): Document {
  const { entity } = events[name];
  return {
    address: `ct.${entity}.{id}.${name}`,
    parameters: { id: { description: `the id of the ${entity}; bytes other than letters, digits, _ and - as =XX` } },
    servers: [reference('servers/nats')],
    messages: { [name]: reference(`components/messages/${name}`) },
  };
}

function operationOf(name: EventName): Document {
  return {
    action: 'send',
    channel: reference(`channels/${name}`),
    summary: `Appends ${name} to the log`,
    description: wordsOf(name),
  };
}

function messageOf(name: EventName): Document {
  return {
    name,
    title: wordsOf(name),
    summary: `${wordsOf(name)}: an event of the entity ${events[name].entity}`,
    contentType: 'application/json',
    headers: headersOf(name),
    payload: reference(`components/schemas/${name}`),
    tags: [{ name: events[name].entity }],
  };
}

/** `FindingDetected` as `finding detected`. */
function wordsOf(name: EventName): string {
  return name
    .replace(/(?<!^)[A-Z]/g, (letter) => ` ${letter}`)
    .toLowerCase()
    .replace(/^./, (letter) => letter.toUpperCase());
}
