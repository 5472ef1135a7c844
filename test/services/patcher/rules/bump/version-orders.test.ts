import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { VersionOrder } from '../../../../../services/patcher/rules/bump/define.ts';
import { pythonOrder } from '../../../../../services/patcher/rules/bump/python-order.ts';
import {
  isFixedBy,
  namedVersions,
  sufficientVersion,
} from '../../../../../services/patcher/rules/bump/sufficient-version.ts';
import { dottedOrder, goOrder, semanticOrder } from '../../../../../services/patcher/rules/bump/version-orders.ts';

function followsInOrder(order: VersionOrder, versions: readonly string[]) {
  for (const [at, one] of versions.entries())
    for (const [place, other] of versions.entries())
      assert.equal(Math.sign(order.compare(one, other)), Math.sign(at - place), `${one} and ${other}`);
}

test('Python versions follow PEP 440', () => {
  followsInOrder(pythonOrder, [
    '1.0.dev1',
    '1.0a1.dev2',
    '1.0a1',
    '1.0a2',
    '1.0b2.post345.dev456',
    '1.0b2.post345',
    '1.0rc1',
    '1.0',
    '1.0+abc.5',
    '1.0+abc.7',
    '1.0+5',
    '1.0.post456.dev34',
    '1.0.post456',
    '1.0.1',
    '1.1.dev1',
    '1.10',
    '2014.1',
    '1!0.1',
  ]);
  for (const [one, other] of [
    ['1.0', '1.0.0'],
    ['1.0RC1', '1.0c1'],
    ['1.0-1', '1.0.post1'],
    ['v1.0-alpha_1', '1.0a1'],
    ['1.0.post', '1.0.post0'],
  ] as const)
    assert.equal(pythonOrder.compare(one, other), 0, `${one} and ${other}`);
});

test('versions of gems and of Composer put words before the release and patch levels after it', () => {
  followsInOrder(dottedOrder, [
    '1.0.dev',
    '1.0.alpha1',
    '1.0.beta2',
    '1.0.rc1',
    '1.0',
    '1.0.p1',
    '1.0.1',
    '1.9',
    '1.10',
  ]);
  assert.equal(dottedOrder.compare('1.0', '1.0.0.0'), 0);
  assert.equal(Math.sign(dottedOrder.compare('5.2.4.2', '5.2.4.3')), -1);
  assert.equal(Math.sign(dottedOrder.compare('2.0.0-RC1', '2.0.0')), -1);
});

test('what is no version of an ecosystem, or is not fit for a command, is not read', () => {
  for (const order of [pythonOrder, dottedOrder, goOrder, semanticOrder])
    for (const text of [
      '',
      'latest',
      '1.0; rm x',
      '$(id)',
      '1.0 || true',
      '-1.0',
      "1.0'",
      '1.0\n',
      '*',
      `1.${'1'.repeat(99)}`,
    ])
      assert.equal(order.read(text)?.match(/^[\w.+!-]+$/)?.[0] ?? null, order.read(text), text);
  for (const order of [pythonOrder, dottedOrder, goOrder, semanticOrder])
    for (const text of ['', 'latest', '$(id)', '1.0`id`', '-1.0', "1.0'"]) assert.equal(order.read(text), null, text);
  assert.equal(semanticOrder.read('1.2'), '1.2.0');
  assert.equal(goOrder.read('0.3.7'), 'v0.3.7');
  assert.equal(goOrder.read('v2.0.0+incompatible'), 'v2.0.0+incompatible');
});

test('every order is one: equal to itself, turned by turning, and transitive', () => {
  const part = fc.constantFrom('0', '1', '2', '10', 'a1', 'b', 'rc2', 'dev3', 'post1', 'p1');
  const version = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `1.${parts.join('.')}`);
  for (const order of [pythonOrder, dottedOrder]) {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        assert.equal(order.compare(a, a), 0);
        assert.equal(Math.sign(order.compare(a, b)) + Math.sign(order.compare(b, a)), 0);
        if (order.compare(a, b) <= 0 && order.compare(b, c) <= 0) assert.ok(order.compare(a, c) <= 0);
      }),
    );
  }
});

test('a fixed version may be a version, a requirement, or a list of them', () => {
  for (const [text, expected] of [
    ['2.31.0', ['2.31.0']],
    ['>=2.31.0', ['2.31.0']],
    ['>= 2.31.0', ['2.31.0']],
    ['^1.2.3', ['1.2.3']],
    ['1.2.3, 2.0.1', ['1.2.3', '2.0.1']],
    ['>=2.0.1 || >=1.2.3 <2.0.0', ['1.2.3', '2.0.1']],
    ['~> 5.2.4, >= 5.2.5', ['5.2.5']],
    ['>1.0.0', []],
    ['<0.0.0', []],
    ['none', []],
  ] as const)
    assert.deepEqual(namedVersions(text, semanticOrder), expected, text);
});

test('a version is fixed when its own release line has its fix', () => {
  const fixes = ['3.2.18', '4.0.10', '4.1.7'];
  for (const [version, fixed] of [
    ['3.2.17', false],
    ['3.2.18', true],
    ['3.9.0', true],
    ['4.0.9', false],
    ['4.0.11', true],
    ['4.1.2', false],
    ['4.1.7', true],
    ['5.0.0', true],
  ] as const)
    assert.equal(isFixedBy(version, fixes, semanticOrder), fixed, version);
});

test('the smallest version that mends all of a package is taken, in the line that is installed', () => {
  const to = (target: string[], others: string[][], installed: string | null) =>
    sufficientVersion(target, others, installed, semanticOrder);
  assert.deepEqual(to(['1.2.3'], [], '1.2.0'), { to: '1.2.3', others: { mended: 0, of: 0 } });
  assert.deepEqual(to(['1.2.3'], [['1.2.6']], '1.2.0'), { to: '1.2.6', others: { mended: 1, of: 1 } });
  assert.deepEqual(to(['1.2.3'], [['1.2.6'], ['5.0.0']], '1.2.0'), { to: '1.2.6', others: { mended: 1, of: 2 } });
  assert.deepEqual(to(['1.2.3', '2.0.1'], [], '2.0.0')?.to, '2.0.1');
  assert.deepEqual(to(['2.0.1'], [['1.2.9']], '1.2.0')?.to, '2.0.1');
  assert.deepEqual(to(['0.3.0'], [['0.2.9']], '0.2.1')?.to, '0.3.0');
  assert.deepEqual(to(['2.0.0-rc.1', '2.0.0'], [], '1.0.0')?.to, '2.0.0');
  assert.deepEqual(to(['2.0.0-rc.1'], [], '1.0.0')?.to, '2.0.0-rc.1');
  assert.equal(to(['1.2.3'], [], '1.3.0'), null);
  assert.deepEqual(to(['1.2.3'], [['1.2.6']], null)?.to, '1.2.6');
});
