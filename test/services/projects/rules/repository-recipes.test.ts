import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProjectDocument } from '../../../../events/projects/project.ts';
import { mostRecipeBytes, repositoryRecipes } from '../../../../services/projects/rules/repository-recipes.ts';
import { sampleData } from '../../../events/stored-payloads.ts';

const project: ProjectDocument = {
  ...sampleData('ProjectRegistered'),
  default_branch: 'main',
  sandbox: 'bwrap',
  network: { allow: ['registry.example.org'] },
  recipes: 'repository',
  recipes_may: { secrets: ['NPM_TOKEN'] },
};
const one = { path: '.', language: 'shell', test: 'true' };

function faultsOf(file: object | string | undefined): string[] {
  const text = typeof file === 'object' ? JSON.stringify(file) : file;
  const { faults } = repositoryRecipes(text === undefined ? undefined : Buffer.from(text), project);
  return (faults ?? []).map(({ path, message }) => `${path} ${message}`.trim());
}

test('the file that init writes is taken, with the defaults of a document', () => {
  const { name, git_url } = project;
  const text = JSON.stringify({ name, git_url, default_branch: 'main', subprojects: [{ ...one, path: './web/' }] });
  assert.deepEqual(repositoryRecipes(Buffer.from(text), project), {
    faults: null,
    subprojects: [{ ...one, path: 'web', timeout_secs: 1800 }],
    notTaken: [],
  });
});

test('what stands in the project alone is left out by name: times, notices, approval, limits of use', () => {
  const beside = { schedule: { test: '02:00' }, notify: { email: 'evil@example.org' }, patch: {}, enabled: true };
  const read = repositoryRecipes(Buffer.from(JSON.stringify({ ...beside, subprojects: [one] })), project);
  assert.deepEqual(read.faults === null && read.notTaken, ['schedule', 'notify', 'patch', 'enabled']);
});

test('a secret or a variable of the service is refused by its name, unless the project gives it', () => {
  assert.deepEqual(faultsOf({ subprojects: [{ ...one, secrets: ['NPM_TOKEN'] }] }), []);
  assert.deepEqual(
    faultsOf({ subprojects: [one, { ...one, path: 'a', secrets: { test: ['NPM_TOKEN', 'DEPLOY'] } }] }),
    [
      '/subprojects/1/secrets asks for DEPLOY, which the project gives to no recipe of its repository: it has to name it in recipes_may.secrets',
    ],
  );
  assert.deepEqual(faultsOf({ subprojects: [{ ...one, env_from: ['AWS_KEY'] }] }), [
    '/subprojects/0/env_from asks for AWS_KEY, which the project gives to no recipe of its repository: it has to name it in recipes_may.env_from',
  ]);
});

test('what jobs can reach, and whose word counts, is not for the file to widen', () => {
  const refused = [
    { sandbox: 'off' },
    { sandbox: 'none' },
    { network: 'on' },
    { limits: { memory_mb: 999_999 } },
    { submodules: true },
    { default_branch: 'attack' },
    { recipes_may: { secrets: ['DEPLOY'] } },
  ];
  for (const field of refused) {
    const [fault, ...others] = faultsOf({ ...field, subprojects: [one] });
    assert.match(fault ?? '', /is for the project to say, not for its repository \(the project says/);
    assert.deepEqual(others, []);
  }
  assert.match(
    faultsOf({ subprojects: [{ ...one, network: 'on' }] })[0] ?? '',
    /^\/subprojects\/0\/network may be "off"/,
  );
  assert.match(faultsOf({ subprojects: [{ ...one, limits: { cpu_secs: 9 } }] })[0] ?? '', /^\/subprojects\/0\/limits /);
  assert.deepEqual(faultsOf({ sandbox: 'bwrap', subprojects: [{ ...one, network: 'off' }] }), []);
});

test('text that no other program can read is refused by its place, as everywhere', () => {
  const half = '/subprojects/0/env/A Expected text; found \\ud800 at character 0, half of a surrogate pair';
  assert.deepEqual(faultsOf({ subprojects: [{ ...one, env: { A: '\ud800' } }] }), [half]);
});

test('a file that is none is refused in words that say what was expected', () => {
  assert.match(faultsOf(undefined)[0] ?? '', /there is no \.crafting-table\.json/);
  assert.match(faultsOf('{"subprojects": [')[0] ?? '', /is not JSON in UTF-8/);
  assert.match(faultsOf('[]')[0] ?? '', /expected an object/);
  assert.deepEqual(faultsOf({}), ['/subprojects expected a list of at least one subproject']);
  assert.match(faultsOf({ subprojects: [{ ...one, tests: 'x' }] })[0] ?? '', /^\/subprojects\/0\/tests /);
  assert.match(faultsOf({ subprojcts: [one], subprojects: [one] })[0] ?? '', /^\/subprojcts is no field/);
  assert.match(faultsOf({ subprojects: [one, one] })[0] ?? '', /^\/subprojects\/1\/path .*stands twice/);
  assert.match(faultsOf({ subprojects: [{ ...one, path: '../..' }] })[0] ?? '', /relative path inside/);
  assert.match(faultsOf(' '.repeat(mostRecipeBytes + 1))[0] ?? '', /at most 262144 are read/);
  assert.equal(faultsOf({ subprojects: Array.from({ length: 90 }, () => ({ wrong: 1 })) }).length, 20);
  assert.equal(Buffer.from('{"__proto__": {"sandbox": "off"}}').length > 0 && faultsOf('{"__proto__": 1}').length, 2);
});
