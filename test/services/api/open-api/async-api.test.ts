import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import ajv from 'ajv';
import { events } from '../../../../events/registry.ts';
import { asyncApi } from '../../../../services/api/open-api/async-api.ts';
import type { Json } from '../../../support/http.ts';

// As it is read over HTTP.
const document: Json = JSON.parse(JSON.stringify(asyncApi('1.2.3')));

test('the AsyncAPI document is one of version 3.0 by the published schema, and whole', () => {
  const schema = new URL('../../../../node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json', import.meta.url);
  const validator = new ajv({ schemaId: 'auto', unknownFormats: 'ignore', logger: false });
  const validate = validator.compile(JSON.parse(readFileSync(schema, 'utf8')));
  assert.ok(validate(document), JSON.stringify(validate.errors, null, 1));
  assert.equal(validate({ ...document, channels: { X: { address: 7 } } }), false, 'the schema refuses what is wrong');
  for (const [, path = ''] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = path.split('/').reduce((at: Json, name) => at?.[name], document);
    assert.ok(found !== undefined, `${path} is not there`);
  }
});

test('the AsyncAPI document has a channel, an operation, a message and the schema of every event', () => {
  const { channels, operations, components } = document;
  for (const [name, { entity, data }] of Object.entries(events)) {
    assert.equal(channels[name].address, `ct.${entity}.{id}.${name}`);
    assert.equal(operations[name].channel.$ref, `#/channels/${name}`);
    assert.equal(components.messages[name].headers.properties['ce-type'].const, name);
    assert.deepEqual(components.schemas[name], JSON.parse(JSON.stringify(data)));
  }
  assert.equal(channels.subscriber.address, 'ct-sub.{name}');
  assert.equal(channels.eventsOverHttp.address, '/events');
});
