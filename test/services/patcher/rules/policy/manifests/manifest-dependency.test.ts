import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { manifestDependency } from '../../../../../../services/patcher/rules/policy/manifests/manifest-dependency.ts';
import { readPatch } from '../../../../../../services/patcher/rules/policy/reading/patch-reading.ts';
import { modified } from '../../../../../support/patch-corpus.ts';

const objectionsTo = (path: string, before: string, after: string, owned = [path]) => {
  const judged = {
    files: [modified(path, before, after)],
    ...{ subproject: '.', method: 'bump' as const, ownedLockFiles: owned },
  } as const;
  return manifestDependency.judge(readPatch(judged, () => null)).map(({ rule, line }) => [rule, line]);
};
const manifest = (dependencies: object, more: object = {}) => JSON.stringify({ dependencies, ...more }, null, 1);

describe('what a bump does to a manifest', () => {
  it('is another version, and nothing else', () => {
    const old = manifest({ left: '^1.0.0' });
    assert.deepEqual(objectionsTo('package.json', old, manifest({ left: '^2.0.0' })), []);
    const scripts = manifest({ left: '^2.0.0' }, { scripts: { prepare: 'node x.js' } });
    assert.deepEqual(objectionsTo('package.json', old, scripts), [['tool_configuration', 1]]);
    assert.deepEqual(objectionsTo('package.json', old, '{'), [['tool_configuration', null]]);
    const cargo = '[package]\nedition = "2018"\n[dependencies]\nserde = "1.0.1"\n';
    assert.deepEqual(objectionsTo('Cargo.toml', cargo, cargo.replace('1.0.1', '1.0.2')), []);
    assert.deepEqual(objectionsTo('Cargo.toml', cargo, cargo.replace('2018', '2021')), [
      ['tool_configuration', 2],
      ['tool_configuration', 2],
    ]);
  });

  it('is never another place from which a package comes', () => {
    const old = manifest({ left: '^1.0.0' });
    for (const place of ['acme/left', 'github:acme/left', 'npm:right@1', 'git+ssh://git@lab/left', 'file:../left'])
      assert.deepEqual(
        objectionsTo('package.json', old, manifest({ left: place })),
        [['dependency_changed', 3]],
        place,
      );
    const rows: [string, string, string][] = [
      ['go.mod', 'require lab/left v1.0.0\n', 'require lab/left v1.0.1\nreplace lab/left => ../left\n'],
      ['requirements.txt', 'left==1.0.0\n', 'left==1.0.1\n--extra-index-url=https://lab\n'],
      ['Gemfile', 'gem "left", "1.0"\n', 'gem "left", git: "left"\n'],
      ['Cargo.toml', '[dependencies]\nleft = "1"\n', '[dependencies]\nleft = { path = "../left" }\n'],
    ];
    for (const [path, before, after] of rows)
      assert.ok(
        objectionsTo(path, before, after).some(([rule]) => rule === 'dependency_changed'),
        path,
      );
    assert.deepEqual(objectionsTo('requirements.txt', 'left==1.0.0\n', 'left==1.0.1\n'), []);
  });
});
