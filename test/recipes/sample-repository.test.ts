import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { detect } from '../../recipes/detection/detect.ts';
import { makeSampleRepository } from '../../recipes/sample-repository.ts';
import { writtenFiles } from './written-files.ts';

const bundled = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url));
const env = { PATH: [dirname(process.execPath), bundled, process.env.PATH].join(delimiter) };

test('the sample repository has the same commit wherever and whenever it is made', async (t) => {
  const first = await makeSampleRepository(join(await writtenFiles(t), 'new/folder'));
  const mask = process.umask(0o077);
  t.after(() => process.umask(mask));
  const second = await makeSampleRepository(await writtenFiles(t));
  assert.match(first.sha, /^[0-9a-f]{40}$/);
  assert.equal(second.sha, first.sha);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: first.dir, env, encoding: 'utf8' }).trim();
  assert.equal(git('rev-parse', first.branch), first.sha);
  assert.equal(git('status', '--porcelain'), '');
  assert.ok(!git('ls-files').includes('.sample'));
});

test('a folder with files of the same name is left as it is', async (t) => {
  const dir = await writtenFiles(t, { 'README.md': 'mine' });
  await assert.rejects(makeSampleRepository(dir), { code: 'EEXIST' });
});

test('the sample has a subproject for every kind of tool', async (t) => {
  const { dir } = await makeSampleRepository(await writtenFiles(t));
  const { languages, subprojects, skipped, complete } = await detect(dir, { has: () => true });
  assert.deepEqual(languages, ['c', 'go', 'javascript', 'python', 'rust', 'shell', 'typescript']);
  const recipes = (path: string) => {
    const { found_in: _, ...own } = subprojects.find((one) => one.path === path) ?? {};
    return Object.keys(own);
  };
  assert.deepEqual(recipes('pricing').slice(2, -1), ['build', 'test', 'lint', 'audit']);
  assert.deepEqual(recipes('reports').slice(2, -1), ['test', 'lint']);
  assert.deepEqual(recipes('deploy').slice(2, -1), ['audit']);
  assert.deepEqual(recipes('scripts').slice(2, -1), ['lint']);
  assert.deepEqual(skipped, []);
  assert.equal(complete, true);
});

test('the tools that come with the farm find the faults of the sample', async (t) => {
  const { dir } = await makeSampleRepository(await writtenFiles(t));
  const { subprojects } = await detect(dir, { has: () => true });
  const run = (path: string, recipe: 'build' | 'test' | 'lint') => {
    const command = subprojects.find((one) => one.path === path)?.[recipe] ?? assert.fail(`${path} has no ${recipe}`);
    return spawnSync('/bin/sh', ['-c', command], { cwd: join(dir, path), env, encoding: 'utf8' });
  };
  const rules = (path: string) => {
    const files: { messages: { ruleId: string | null }[] }[] = JSON.parse(run(path, 'lint').stdout);
    return files.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId));
  };
  assert.deepEqual(rules('web').sort(), [
    'eqeqeq',
    'no-undef',
    'no-unreachable',
    'no-unused-vars',
    'no-unused-vars',
    'no-var',
    'prefer-const',
  ]);
  assert.deepEqual(rules('checkout'), ['no-dupe-keys']);
  assert.deepEqual(rules('widget'), ['use-isnan', 'valid-typeof']);
  const compiled = run('web', 'build');
  assert.deepEqual(compiled.stdout.match(/TS\d+/g), ['TS18048', 'TS2322', 'TS2741']);
  const tested = run('checkout', 'test');
  assert.equal(tested.status, 1);
  assert.match(tested.stdout, /^not ok 2 - members get five percent off$/m);
  assert.match(tested.stdout, /^# pass 2$/m);
});
