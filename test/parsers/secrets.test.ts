import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsed, parserFixtures } from './parser-fixture.ts';

test('what a scanner found to be secret is nowhere in its findings, however its log was cut', () => {
  const fixtures = parserFixtures().filter((one) => one.name === 'gitleaks' || one.name === 'trivy');
  const leaking = fixtures.filter((one) => String(one.stdout).includes('SECRETSECRET'));
  assert.ok(leaking.length >= 5);
  for (const one of leaking) {
    for (let end = one.stdout.length; end > 0; end -= 23) {
      const log = parsed({ ...one, stdout: one.stdout.subarray(0, end) });
      assert.doesNotMatch(JSON.stringify(log), /SECRETSECRET/, `${one.name} ${one.situation} cut at ${end}`);
    }
  }
});
