import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cvssSeverity, scoreSeverity } from '../../parsers/engine/cvss-severity.ts';

test('vectors of all four versions have the severity of their score', () => {
  assert.equal(cvssSeverity('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H'), 'critical');
  assert.equal(cvssSeverity('CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N'), 'medium');
  assert.equal(cvssSeverity('CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N'), 'info');
  assert.equal(cvssSeverity('CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N'), 'critical');
  assert.equal(cvssSeverity('CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N/E:U'), 'low');
  assert.equal(cvssSeverity('AV:N/AC:L/Au:N/C:P/I:P/A:P'), 'high');
  assert.equal(cvssSeverity('(AV:L/AC:H/Au:M/C:P/I:N/A:N)'), 'low');
});

test('what is no whole vector has none', () => {
  for (const text of [
    '',
    'x',
    'HIGH',
    '7.5',
    'CVSS:3.1/AV:N',
    'CVSS:3.1/AV:Q/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
    'a/'.repeat(900),
  ]) {
    assert.equal(cvssSeverity(text), null, text.slice(0, 40));
  }
});

test('a score has the band that CVSS 3 gives it', () => {
  const bands = [0, 0.1, 3.9, 4, 6.9, 7, 8.9, 9, 10].map(scoreSeverity);
  assert.deepEqual(bands, ['info', 'low', 'low', 'medium', 'medium', 'high', 'high', 'critical', 'critical']);
  assert.deepEqual([-1, 11, Number.NaN].map(scoreSeverity), [null, null, null]);
});
