import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { Observation } from '../../events/finding.ts';
import { fingerprint } from '../../parsers/fingerprint.ts';
import { parsed, parserFixtures, summary } from './parser-fixture.ts';

const fixtures = parserFixtures();

for (const fixture of fixtures) {
  test(`reads ${fixture.name} ${fixture.situation}`, () => {
    const log = parsed(fixture);
    assert.deepEqual(summary(log), fixture.expected);
    for (const finding of log.findings) {
      assert.deepEqual([...Value.Errors(Observation, finding)], []);
      assert.equal(finding.fingerprint, fingerprint(finding));
      assert.doesNotThrow(() => JSON.parse(finding.raw_json));
    }
  });
}

test('a clean log holds no finding, and its tool is complete', () => {
  for (const fixture of fixtures.filter((one) => one.situation === 'clean')) {
    const log = parsed(fixture);
    assert.deepEqual(log.findings, [], fixture.name);
    assert.ok(
      log.tools.some((run) => run.parser === fixture.name && run.complete),
      fixture.name,
    );
  }
});

test('what a tool found is found among noise too, and a cut log is never complete', () => {
  const places = (log: ReturnType<typeof parsed>) => log.findings.map(({ code, file, line }) => [code, file, line]);
  const of = (name: string, situation: string) => fixtures.find((o) => o.name === name && o.situation === situation);
  for (const name of new Set(fixtures.map((one) => one.name))) {
    const [failing, noisy, truncated] = ['failing', 'noisy', 'truncated'].map((situation) => of(name, situation));
    assert.ok(failing && noisy && truncated);
    assert.ok(parsed(failing).findings.length > 0, name);
    assert.deepEqual(places(parsed(noisy)), places(parsed(failing)), name);
    assert.ok(
      parsed(truncated).tools.every((run) => !run.complete),
      name,
    );
  }
});

test('a clean log of one tool holds no finding in the eyes of another language', () => {
  for (const fixture of fixtures.filter((one) => one.situation === 'clean')) {
    for (const language of ['rust', 'python', 'go', 'typescript', 'shell', 'cobol']) {
      const log = parsed({ ...fixture, meta: { ...fixture.meta, language, command: 'make', recipe: 'build' } });
      assert.deepEqual(log.findings, [], `${fixture.name} as ${language}`);
    }
  }
});

test('no fixture names a folder of a machine', () => {
  for (const { name, situation, stdout, stderr } of fixtures) {
    assert.doesNotMatch(`${stdout}${stderr}`, /\/(?:root|home|tmp|Users)\//, `${name} ${situation}`);
  }
});
