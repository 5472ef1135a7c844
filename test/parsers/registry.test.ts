import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parsers } from '../../parsers/registry.ts';
import { fixturesFolder, parserFixtures } from './parser-fixture.ts';

const folder = join(import.meta.dirname, '../../parsers');
const engine = new Set(['define.ts', 'fingerprint.ts', 'read-log.ts', 'registry.ts']);
const names = parsers.map((parser) => parser.name);

test('every parser of the folder is in the registry, alphabetically, and nothing else', () => {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !engine.has(file));
  assert.deepEqual(names, files.map((file) => file.slice(0, -3)).sort());
});

test('every parser has fixtures for the four situations, and every fixture a parser', () => {
  const fixtures = parserFixtures();
  for (const name of names) {
    const situations = new Set(fixtures.filter((one) => one.name === name).map((one) => one.situation));
    for (const situation of ['clean', 'failing', 'truncated', 'noisy']) {
      assert.ok(situations.has(situation), `${name} has no fixture ${situation}`);
    }
  }
  assert.deepEqual(readdirSync(fixturesFolder).sort(), [...names].sort());
});

test('cues and the literals of cut documents are ASCII, which the matcher needs', () => {
  for (const { name, cues = [], json } of parsers) {
    for (const literal of [...cues, ...(json?.cut ?? [])]) assert.match(literal, /^[\t -~]{2,}$/, name);
    assert.equal(json?.cut.length === 0, false, `${name} would take every cut document for its own`);
  }
});
