import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measuredCoverage } from '../../../recipes/detection/measured-coverage.ts';

const globs = (files: Record<string, string>, path = '.') =>
  measuredCoverage(path, { files: Object.keys(files), text: (file) => files[file] ?? '' });

test('a project that measures its coverage already is found with the reports that it leaves', () => {
  const pom = '<plugin><artifactId>jacoco-maven-plugin</artifactId></plugin>';
  assert.deepEqual(globs({ 'api/pom.xml': pom }, 'api'), ['**/target/site/jacoco/jacoco.xml']);
  const web = ['coverage/lcov.info', 'coverage/coverage-final.json'];
  for (const script of ['vitest run --coverage', 'jest --coverage=true', 'c8 node --test', 'nyc mocha'])
    assert.deepEqual(globs({ 'package.json': JSON.stringify({ scripts: { test: script } }) }), web, script);
  const addopts = '[tool.pytest.ini_options]\naddopts = "--cov=shop --cov-report=xml --cov-report lcov"';
  assert.deepEqual(globs({ 'pyproject.toml': addopts }), ['coverage.xml', 'coverage.lcov']);
});

test('a project that does not measure gets no glob', () => {
  const scripts = { test: 'vitest run', coverage: 'vitest run --coverage' };
  assert.deepEqual(globs({ 'package.json': JSON.stringify({ scripts }), 'pyproject.toml': '[tool.coverage.run]' }), []);
});
