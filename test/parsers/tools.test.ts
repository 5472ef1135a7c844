import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parsers } from '../../parsers/registry.ts';
import { toolNamed, tools } from '../../parsers/tools/registry.ts';
import { endPattern, silencerPattern } from '../../parsers/tools/silencer-pattern.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'parsers');
const machinery = [
  'define',
  'command-options',
  'registry',
  'file-names',
  'parser-words',
  'settings-of',
  'silencer-pattern',
  'same-rules',
];

test('the registry of tools lists exactly the files of its folder, alphabetically', () => {
  const names = tools.map(({ name }) => name);
  const files = readdirSync(join(folder, 'tools')).map((file) => file.replace(/\.ts$/, ''));
  assert.deepEqual([...names].sort(), files.filter((file) => !machinery.includes(file)).sort());
  assert.deepEqual(names, [...names].sort());
});

test('every tool that a parser reads or names in a finding is known', () => {
  for (const { name, tool } of parsers)
    assert.ok(toolNamed(tool), `parsers/tools/ has no ${tool}, which ${name} reads`);
  // What is printed in these formats names its tool itself, or leaves that to the command.
  const formats = new Set(['sarif', 'junit', 'cyclonedx', 'tap', 'generic', 'placed-lines', 'rdjson']);
  for (const parser of readdirSync(join(folder, 'fixtures')).filter((one) => !formats.has(one))) {
    const files = readdirSync(join(folder, 'fixtures', parser)).filter(
      (file) => file.endsWith('.json') && !file.endsWith('.meta.json') && file !== 'about.json',
    );
    for (const file of files) {
      const text = readFileSync(join(folder, 'fixtures', parser, file), 'utf8');
      for (const [, tool = ''] of text.matchAll(/"tool": ?"([^"]+)"/g))
        assert.ok(toolNamed(tool) ?? tool === 'recipe', `${parser}/${file} names ${tool}`);
    }
  }
});

test('what a tool obeys and who tells its errors is known, and its documentation has an address', () => {
  for (const { name, obeys = [], toldBy = [], compiles, builds, documentation, install } of tools) {
    for (const other of obeys) assert.ok(toolNamed(other), `${name} obeys ${other}`);
    for (const other of toldBy) assert.ok(other !== name && toolNamed(other), `${name} is told by ${other}`);
    assert.ok(compiles !== true || builds === true, `${name} compiles, and builds nothing`);
    assert.match(documentation, /^https?:\/\/\S+$/, name);
    assert.notEqual(install, '', name);
  }
});

test('every silencer is found in its example, and no longer than a text is long', () => {
  const long = [' '.repeat(200_000), '# '.repeat(100_000), `${'['.repeat(100_000)}a`, '//'.repeat(100_000)];
  for (const { name, silencers = [] } of tools) {
    for (const silencer of silencers) {
      assert.match(silencer.example, silencerPattern(silencer), `${name}: ${silencer.example}`);
      const ends = endPattern(silencer);
      for (const text of long) {
        text.match(silencerPattern(silencer));
        if (ends) text.match(ends);
      }
    }
  }
});
