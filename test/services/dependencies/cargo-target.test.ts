import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cargoPackages,
  cratesOf,
  isForeignUnit,
  isOfCrates,
} from '../../../services/dependencies/rules/cargo-target.ts';

const lock = `version = 4

[[package]]
name = "shop"
version = "0.1.0"
dependencies = ["memchr"]

[[package]]
name = "memchr"
version = "2.7.4"
source = "registry+https://example.org/index"
checksum = "aa"

[[package]]
name = "twice"
version = "1.0.0"
source = "git+https://example.org/twice#abc"

[[package]]
name = "twice"
version = "0.1.0"
`;

test('only packages that come from elsewhere are foreign, and none that also stands in the tree', () => {
  const packages = cargoPackages(lock);
  const is = (folder: string) => isForeignUnit(folder, packages);
  assert.equal(is('memchr-0123456789abcdef'), true);
  assert.equal(is('shop-0123456789abcdef'), false);
  assert.equal(is('twice-0123456789abcdef'), false);
  assert.equal(is('unknown-0123456789abcdef'), false);
  assert.equal(is('memchr'), false);
});

test('the outputs of a package of the tree are known by the crates that its fingerprints name', () => {
  const files = [
    'lib-shop-core',
    'test-lib-shop-core.json',
    'dep-bin-rg',
    'build-script-build-script-build',
    'invoked.timestamp',
  ];
  const crates = new Set(cratesOf(files));
  assert.deepEqual([...crates], ['shop_core', 'rg', 'build_script_build']);
  assert.equal(isOfCrates('libshop_core-0123456789abcdef.rlib', crates), true);
  assert.equal(isOfCrates('rg-0123456789abcdef.d', crates), true);
  assert.equal(isOfCrates('libmemchr-0123456789abcdef.rmeta', crates), false);
  assert.equal(isOfCrates('something-else', crates), true);
});
