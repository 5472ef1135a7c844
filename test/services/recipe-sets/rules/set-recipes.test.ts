import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { projectDocument } from '../../../../services/projects/rules/project-document.ts';
import { documentFaults, setRecipes } from '../../../../services/recipe-sets/rules/set-recipes.ts';

const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
const git_url = 'https://git.example.org/shop.git';
const project = projectDocument({ name: 'shop', git_url }, { owner: 'payments', gitUrl: git_url, refs });
const file = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const shell = (more: object = {}) => ({ path: '.', language: 'shell', test: 'true', ...more });
const use = (document: string, at?: string) => ({ source: 'farm/s', document, ...(at ? { at } : {}) });

describe('documents of recipe sets in a project', () => {
  it('lie below the folder that the project names', () => {
    const read = setRecipes(
      [
        { use: use('a'), file: file({ subprojects: [shell()] }) },
        { use: use('a', 'services/api'), file: file({ subprojects: [shell(), shell({ path: 'web' })] }) },
      ],
      project,
    );
    assert.ok(read.faults === null);
    assert.deepEqual(
      read.subprojects.map(({ path }) => path),
      ['.', 'services/api', 'services/api/web'],
    );
  });

  it('ask for no secret, network or sandbox that the project does not give', () => {
    const asking = {
      sandbox: 'off',
      subprojects: [shell({ secrets: ['TOKEN'], network: 'on', limits: { processes: 9 } })],
    };
    const read = setRecipes([{ use: use('a'), file: file(asking) }], project);
    assert.deepEqual(
      read.faults?.map(({ path }) => path),
      ['a.json/sandbox', 'a.json/subprojects/0/secrets', 'a.json/subprojects/0/network', 'a.json/subprojects/0/limits'],
    );
    assert.match(
      read.faults?.[1]?.message ?? '',
      /gives to no recipe of a recipe set: it has to name it in recipes_may\.secrets/,
    );
    const given = { ...project, recipes_may: { secrets: ['TOKEN'] } };
    const fair = file({ subprojects: [shell({ secrets: ['TOKEN'] })] });
    assert.equal(setRecipes([{ use: use('a'), file: fair }], given).faults, null);
  });

  it('are refused where two speak of one folder, and where one is not there', () => {
    const same = { use: use('a'), file: file({ subprojects: [shell()] }) };
    assert.match(
      setRecipes([same, same], project).faults?.[0]?.message ?? '',
      /another document says what is run in \./,
    );
    const missing = setRecipes([{ use: use('b'), file: undefined }], project).faults?.[0];
    assert.deepEqual(missing, { path: 'b.json', message: 'farm/s has no document of this name' });
  });

  const hostile: [string, unknown, RegExp][] = [
    ['text that is no JSON', '{"subprojects": [', /is not JSON/],
    [
      'a link out of the repository',
      '../../etc/passwd',
      /^holds nothing but "..\/..\/etc\/passwd", as a symbolic link does/,
    ],
    ['a path out of the tree', { subprojects: [shell({ path: '../x' })] }, /relative path/],
    ['no command', { subprojects: [{ path: '.', language: 'shell' }] }, /at least one command/],
    ['an unknown field', { subprojects: [shell()], hooks: 'x' }, /is no field/],
    ['no subproject', { subprojects: [] }, /at least one subproject/],
    ['too many bytes', `{"subprojects": [], "x": "${'x'.repeat(300_000)}"}`, /at most 262144 are read/],
  ];
  for (const [what, content, words] of hostile)
    it(`cannot be taken with ${what}`, () => assert.match(documentFaults('a', file(content))[0]?.message ?? '', words));

  it('may ask for secrets, as whoever names them decides', () => {
    const asking = file({
      subprojects: [shell({ secrets: ['TOKEN'], env_from: ['HOME_URL'], network: { allow: ['a.b'] } })],
    });
    assert.deepEqual(documentFaults('a', asking), []);
  });
});
