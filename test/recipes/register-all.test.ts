import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { readProjectDocuments } from '../../services/cli/farm/project-documents.ts';
import { registerAll, shippedRecipes } from '../../services/cli/farm/register-all.ts';
import { commandWarnings } from '../../services/projects/rules/command-warnings.ts';
import type { ProjectInput } from '../../services/projects/rules/project-document.ts';
import { projectDocument } from '../../services/projects/rules/project-document.ts';
import { openFarm } from '../support/farm.ts';
import type { Json } from '../support/http.ts';

const farm = await openFarm();
after(() => farm.close());
const bearer = await farm.http.mint('ops');
const secret = 'a token/with signs';
const env = { CRAFTING_TABLE_TOKEN: bearer, CRAFTING_TABLE_BASE_URL: farm.url, GITEA_TOKEN: secret };
const dir = join(farm.dir, 'documents');
mkdirSync(dir);

const document = (name: string, more: object = {}) => ({
  name,
  git_url: `https://ops:REPLACE_WITH_GITEA_TOKEN@git.example.org/team/${name}.git`,
  subprojects: [{ path: '.', language: 'shell', test: 'true' }],
  ...more,
});
const write = (name: string, more: object = {}) =>
  writeFileSync(join(dir, `${name}.json`), JSON.stringify(document(name, more)));

async function register(options: object = {}, changed: object = {}) {
  const lines: string[] = [];
  const code = await registerAll({ ...env, ...changed }, { dir, json: true, ...options }, (line) => lines.push(line));
  return { code, report: JSON.parse(lines.join('\n')) as Json, printed: lines.join('\n') };
}
const projects = async () =>
  (await farm.http.get('/projects', { bearer })).json.projects.map(({ name }: Json) => name) as string[];
const history = async () =>
  (await farm.http.get('/events?entity=registration')).text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Json);

test('the documents that come with the farm are projects whose commands print what the parsers read best', () => {
  const { wanted } = readProjectDocuments(shippedRecipes, { token: secret, email: 'a@example.org, b@example.org' });
  assert.deepEqual(
    wanted.map(({ name, notify, schedule, subprojects }) => [
      name,
      subprojects?.length,
      schedule?.audit,
      notify?.auto_patch,
      [notify?.email ?? []].flat().join(' '),
    ]),
    [
      ['cauldron', 1, '02:00', true, 'a@example.org b@example.org'],
      ['clawdforge', 14, '02:00', true, 'a@example.org b@example.org'],
      ['tradecraft', 1, '02:00', false, 'a@example.org b@example.org'],
    ],
  );
  const refs = { credential_ref: null, email_ref: null, assignees_ref: null };
  for (const input of wanted)
    assert.deepEqual(commandWarnings(projectDocument(input as ProjectInput, { owner: 'x', gitUrl: '', refs })), []);
  for (const name of readdirSync(shippedRecipes).filter((one) => one.endsWith('.json')))
    assert.match(readFileSync(join(shippedRecipes, name), 'utf8'), /REPLACE_WITH_GITEA_TOKEN@/);
});

test('a set is registered once, leaves a pair of events, and shows the token to nobody', async () => {
  write('one');
  write('two');
  write('asleep', { enabled: false });
  const first = await register();
  assert.deepEqual([first.code, first.report.created, first.report.skipped], [0, ['one', 'two'], ['asleep']]);
  const again = await register();
  assert.deepEqual([again.code, again.report.created, again.report.unchanged], [0, [], ['one', 'two']]);
  assert.deepEqual(await projects(), ['one', 'two']);
  const events = await history();
  assert.deepEqual(
    events.map(({ type }: Json) => type),
    ['BulkRegistrationStarted', 'BulkRegistrationCompleted', 'BulkRegistrationStarted', 'BulkRegistrationCompleted'],
  );
  const { project } = (await farm.http.get('/projects/one', { bearer })).json;
  assert.deepEqual([project.owner, project.has_credential], ['ops', true]);
  const everything = `${first.printed}${again.printed}${JSON.stringify(events)}${JSON.stringify(project)}`;
  assert.ok(!everything.includes(secret) && !everything.includes(encodeURIComponent(secret)));
});

test('who is told stands in the environment: without it a merge leaves whom it finds, and a warning says where that is nobody', async () => {
  const notify = { email: ['REPLACE_WITH_NOTIFY_EMAIL'], on: ['test_fail'] };
  write('one', { notify, schedule: { test: '02:00' } });
  const told = async (NOTIFY_EMAIL: string) => {
    const { report } = await register({}, { NOTIFY_EMAIL });
    return [
      (await farm.http.get('/projects/one', { bearer })).json.project.notify.email?.length ?? 0,
      report.warnings.join(),
    ];
  };
  const [nobody, warned] = await told('');
  assert.equal(nobody, 0);
  assert.match(warned, /nobody is told/);
  assert.equal((await told('a@example.org, b@example.org'))[0], 2);
  assert.equal((await told(''))[0], 2);
  await assert.rejects(register({}, { NOTIFY_EMAIL: 'no address' }), /one\.json: .*mail address/);
  write('one');
  await register();
});

test('a merge leaves what the document does not name, and a reconcile does not', async () => {
  const { project } = (await farm.http.get('/projects/one', { bearer })).json;
  await farm.http('PUT', '/projects/one', { bearer, body: { ...project, supersede: true } });
  write('one', { default_branch: 'trunk' });
  assert.deepEqual((await register()).report.updated, ['one']);
  const merged = (await farm.http.get('/projects/one', { bearer })).json.project;
  assert.deepEqual([merged.default_branch, merged.supersede, merged.has_credential], ['trunk', true, true]);
  assert.deepEqual((await register({ mode: 'reconcile' })).report.updated, ['one']);
  assert.equal((await farm.http.get('/projects/one', { bearer })).json.project.supersede, false);
});

test('a reconcile removes what the set itself brought and has no more, and nothing else', async () => {
  await farm.http.post('/projects', document('by-hand', { git_url: 'https://git.example.org/x' }), { bearer });
  rmSync(join(dir, 'two.json'));
  assert.deepEqual((await register()).report.removed, []);
  const { report } = await register({ mode: 'reconcile' });
  assert.deepEqual([report.removed, report.unchanged], [['two'], ['one']]);
  assert.deepEqual(await projects(), ['by-hand', 'one']);
  assert.deepEqual((await register({ mode: 'reconcile' })).report.removed, []);
});

test('a refusal on the way says what is done and what is not, and the next run goes on', async () => {
  await farm.http.post('/projects', document('beta', { git_url: 'https://git.example.org/theirs' }));
  for (const name of ['alpha', 'beta', 'gamma']) write(name);
  const { code, report } = await register();
  assert.equal(code, 1);
  assert.deepEqual([report.created, report.failed, report.not_tried], [['alpha'], ['beta'], ['gamma', 'one']]);
  assert.match(report.reason, /project named beta already/);
  assert.deepEqual((await history()).at(-1)?.data.failed, ['beta']);
  rmSync(join(dir, 'beta.json'));
  assert.deepEqual((await register()).report.created, ['gamma']);
});

test('nothing is sent while a document is wrong or a token is missing', async () => {
  const before = (await history()).length;
  await assert.rejects(register({}, { GITEA_TOKEN: '' }), /GITEA_TOKEN is not set: .*alpha\.json needs it/);
  await assert.rejects(register({}, { CRAFTING_TABLE_TOKEN: '' }), /CRAFTING_TABLE_TOKEN is not set/);
  writeFileSync(join(dir, 'wrong.json'), JSON.stringify({ ...document('wrong'), surprise: 1 }));
  await assert.rejects(register(), /wrong\.json: \/surprise/);
  await assert.rejects(register({ mode: 'replace' }), /--mode must be merge or reconcile; found "replace"/);
  rmSync(join(dir, 'wrong.json'));
  assert.equal((await history()).length, before);
});

test('the script takes its secrets from the environment alone', async () => {
  const script = resolve(shippedRecipes, 'register-all');
  const { stdout } = await promisify(execFile)(script, ['--dir', dir], { env: { ...process.env, ...env } });
  assert.equal(stdout, 'unchanged  alpha, gamma, one\nskipped    asleep\n');
});
