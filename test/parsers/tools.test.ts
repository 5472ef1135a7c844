import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parsers } from '../../parsers/registry.ts';
import { toldAll } from '../../parsers/tools/parser-words.ts';
import { toolNamed, tools } from '../../parsers/tools/registry.ts';
import { settingsPart } from '../../parsers/tools/settings-of.ts';
import { endPattern, silencerPattern } from '../../parsers/tools/silencer-pattern.ts';

const folder = resolve(import.meta.dirname, '..', '..', 'parsers');
const machinery = [
  'define',
  'command-options',
  'registry',
  'file-names',
  'parser-words',
  'settings-of',
  'settings-paths',
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

test('an exit code is on a card once, and says whether the tool told all', () => {
  for (const { name, exits = {}, fails = {} } of tools) {
    const codes = Object.keys({ ...exits, ...fails });
    for (const one of codes) assert.match(one, /^(?:\d{1,3}|\d{1,2}-\d{1,3})$/, name);
    assert.equal(codes.length, Object.keys(exits).length + Object.keys(fails).length, name);
    for (const one of Object.keys(exits))
      for (const code of one.split('-')) assert.ok(toldAll(name, Number(code)), `${name} ${code}`);
    for (const code of Object.keys(fails)) assert.ok(!toldAll(name, Number(code)), `${name} ${code}`);
    assert.ok(!toldAll(name, null), name);
  }
  assert.deepEqual(
    [0, 1, 2].map((code) => toldAll('a tool without a card', code)),
    [true, true, false],
  );
});

test('nothing that the card of a tool holds is told in a second place', () => {
  const root = join(folder, '..');
  const sources = globSync('{events,parsers,projections,recipes,services}/**/*.{ts,mjs}', { cwd: root })
    .filter((file) => !/^parsers\/tools\/|\/(?:fixtures|sample|smoke)\//.test(file))
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
  for (const { name, install, documentation, silencers = [], machine } of tools) {
    const words = [install, documentation, machine?.flag ?? '', ...silencers.map((one) => one.words)];
    for (const fact of words.filter((one) => /^\S{8}|\S \S/.test(one)))
      for (const { file, text } of sources)
        assert.ok(!text.includes(`'${fact}'`) && !text.includes(`"${fact}"`), `${file} says of ${name}: ${fact}`);
  }
  const written = (list: readonly string[]) => [...list].sort().join();
  for (const { name, tool, programs, languages } of parsers) {
    const card = toolNamed(tool);
    assert.notEqual(programs && written(programs), written(card?.programs ?? []), `${name} repeats programs`);
    assert.notEqual(languages && written(languages), written(card?.languages ?? []), `${name} repeats languages`);
    const own = readFileSync(join(folder, `${name}.ts`), 'utf8');
    for (const [, list = ''] of own.matchAll(/run\.(?:runs|alone)\(([^()]+)\)/g)) {
      const literals = [...list.matchAll(/'([^']+)'/g)].map(([, one = '']) => one);
      if (literals.length > 0)
        assert.notEqual(written(literals), written(programs ?? card?.programs ?? []), `${name} repeats ${list}`);
    }
    // Yarn 1 adds levels up, Yarn 2 and later say 1: what was printed and the code only prove something together.
    if (!['generic', 'yarn-audit'].includes(name)) assert.doesNotMatch(own, /exitCode [=<>!]+ [1-9]/, name);
  }
});

test('what a card says of other tools and of its settings is of known tools, and of files that configure it', () => {
  for (const tool of tools) {
    for (const { of } of tool.respells ?? []) assert.ok(toolNamed(of), `${tool.name} respells ${of}`);
    for (const other of tool.sharesRules ?? [])
      assert.ok(toolNamed(other) ?? other === 'pycodestyle', `${tool.name} shares rules with ${other}`);
    for (const file of tool.paths?.files ?? []) assert.notEqual(settingsPart(tool, file), null, `${tool.name} ${file}`);
  }
});
