import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headId } from '../../../../services/scheduler/rules/derived-jobs.ts';
import { isSameRepository } from '../../../../services/scheduler/rules/same-repository.ts';

test('one repository is the same over http and ssh, with and without its ending', () => {
  const clone = 'https://git.example.org/team/app.git';
  for (const address of [
    'https://git.example.org/Team/app',
    'git@git.example.org:team/app.git',
    'ssh://git@git.example.org:2222/team/app',
  ])
    assert.ok(isSameRepository(address, clone), address);
});

test('another host, another owner or a path of this machine is not the same', () => {
  const clone = 'https://git.example.org/team/app.git';
  for (const address of [
    'https://example.org/team/app',
    'git@git.example.org:other/app',
    '/srv/team/app.git',
    'no address',
  ])
    assert.ok(!isSameRepository(address, clone), address);
});

test('heads of other projects and branches never share an id, and a commit that comes back gets a new one', () => {
  const sha = 'a'.repeat(40);
  assert.notEqual(
    headId({ project: 'a', branch: 'b.main', sha }, 0),
    headId({ project: 'a.b', branch: 'main', sha }, 0),
  );
  const head = { project: 'a', branch: 'main', sha };
  assert.deepEqual([headId(head, 0), headId(head, 1)], [`a:main.${sha}`, `a:main.${sha}.2`]);
});
