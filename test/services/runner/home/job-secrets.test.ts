import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { matchesStars } from '../../../../services/floor/text/star-pattern.ts';
import { isLetIn } from '../../../../services/jobs/rules/secret-rules.ts';
import { openFarm } from '../../../support/farm.ts';
import { commitFiles, git } from '../../../support/git-repository.ts';
import type { Json } from '../../../support/http.ts';
import { enqueue, register } from '../../api/registered.ts';

const farm = await openFarm({ files: { 'a.txt': 'a' } });
after(() => farm.close());
const { http } = farm;
let ann = '';
let bob = '';
/** Says which secrets are there, in a way that the redactor does not know. */
const show =
  'for name in NPM_TOKEN SIGNING_KEY ONLY_AUDIT; do eval "value=\\$$name"; echo "$name=$(printf %s "$value" | tr a-z A-Z)"; done; echo "plain $NPM_TOKEN"';

before(async () => {
  [ann, bob] = [await http.mint('ann'), await http.mint('bob')];
  await register(farm, 'shop', {
    bearer: ann,
    subprojects: [
      {
        path: '.',
        language: 'shell',
        test: show,
        audit: show,
        secrets: { test: ['NPM_TOKEN', 'SIGNING_KEY'], audit: ['ONLY_AUDIT'] },
      },
    ],
  });
});

const put = (path: string, value: string, more: Json = {}, bearer = ann) =>
  http('PUT', path, { bearer, body: { value, ...more } });

async function logOf(body: Json, project = 'shop', bearer = ann): Promise<string> {
  const job = await enqueue(farm, project, body, { bearer });
  await http.ended(job.job_id, { bearer });
  return (await http.get(`/jobs/${job.job_id}/log`, { bearer })).text;
}

test('a recipe gets the secrets that it names, the nearest layer of each, and its log does not show them', async () => {
  for (const [path, value, bearer] of [
    ['/admin/secrets/NPM_TOKEN', 'of-the-farm', farm.admin],
    ['/teams/ann/secrets/NPM_TOKEN', 'of-the-team', ann],
    ['/admin/secrets/SIGNING_KEY', 'key-of-the-farm', farm.admin],
  ] as const)
    assert.equal((await put(path, value, {}, bearer)).status, 200);
  const first = await logOf({ recipe: 'test' });
  assert.match(first, /NPM_TOKEN=OF-THE-TEAM\nSIGNING_KEY=KEY-OF-THE-FARM\nONLY_AUDIT=\n/);
  assert.match(first, /plain \[redacted\]/);
  await put('/projects/shop/secrets/NPM_TOKEN', 'of-the-project');
  assert.match(await logOf({ recipe: 'test' }), /NPM_TOKEN=OF-THE-PROJECT\n/);
  // Renewed: what is asked for from now on has the new value, and the old one is gone.
  await put('/projects/shop/secrets/NPM_TOKEN', 'renewed-value');
  assert.match(await logOf({ recipe: 'test' }), /NPM_TOKEN=RENEWED-VALUE\n/);
  const audit = await logOf({ recipe: 'audit' });
  assert.match(audit, /NPM_TOKEN=\n/);
  assert.match(audit, /the secret ONLY_AUDIT is not set for this project, its team or the farm/);
  await http('DELETE', '/projects/shop/secrets/NPM_TOKEN', { bearer: ann });
  assert.match(await logOf({ recipe: 'test' }), /NPM_TOKEN=OF-THE-TEAM\n/);
});

test('a job of another branch gets no secret unless its owner said so, and a commit of another branch none at all', async () => {
  git(farm.repository, 'checkout', '--quiet', '-b', 'feature/x');
  const theirs = commitFiles(farm.repository, { 'evil.txt': 'x' });
  git(farm.repository, 'checkout', '--quiet', 'main');
  const other = await logOf({ recipe: 'test', branch: 'feature/x' });
  assert.match(other, /NPM_TOKEN=\n/);
  assert.match(other, /NPM_TOKEN is left out: it is not let into jobs of the branch feature\/x/);
  await put('/projects/shop/secrets/NPM_TOKEN', 'let-into-features', { branches: ['feature/*'] });
  assert.match(await logOf({ recipe: 'test', branch: 'feature/x' }), /NPM_TOKEN=LET-INTO-FEATURES\n/);
  assert.match(await logOf({ recipe: 'test' }), /NPM_TOKEN is left out/);
  // A commit that is not of the default branch, under its name.
  const sha = (theirs || git(farm.repository, 'rev-parse', 'feature/x')).trim();
  const stray = await logOf({ recipe: 'test', branch: 'main', sha });
  assert.match(stray, /SIGNING_KEY=\n/);
  assert.match(stray, /secrets are left out: the commit [0-9a-f]{12} is not of the branch main/);
  const own = git(farm.repository, 'rev-parse', 'main').trim();
  assert.match(await logOf({ recipe: 'test', branch: 'main', sha: own }), /SIGNING_KEY=KEY-OF-THE-FARM\n/);
});

test('a secret of the farm may be for some teams, one of a team is for no other, and one of a project goes with it', async () => {
  await put('/admin/secrets/SIGNING_KEY', 'key-of-the-farm', { teams: ['bob'] }, farm.admin);
  assert.match(await logOf({ recipe: 'test' }), /SIGNING_KEY=\n/);
  await register(farm, 'theirs', {
    bearer: bob,
    subprojects: [{ path: '.', language: 'shell', test: show, secrets: ['NPM_TOKEN', 'SIGNING_KEY'] }],
  });
  const log = await logOf({ recipe: 'test' }, 'theirs', bob);
  assert.match(log, /NPM_TOKEN=OF-THE-FARM\nSIGNING_KEY=KEY-OF-THE-FARM\n/);
  assert.equal((await http.get('/projects/shop/secrets', { bearer: bob })).status, 404);
  assert.equal((await put('/teams/ann/secrets/NPM_TOKEN', 'x', {}, bob)).status, 404);
  // A name that was somebody else's brings none of their secrets.
  await put('/projects/theirs/secrets/SIGNING_KEY', 'of-bob-alone', {}, bob);
  await http('DELETE', '/projects/theirs', { bearer: bob });
  await register(farm, 'theirs', {
    bearer: ann,
    subprojects: [{ path: '.', language: 'shell', test: show, secrets: ['SIGNING_KEY'] }],
  });
  assert.match(await logOf({ recipe: 'test' }, 'theirs', ann), /SIGNING_KEY=\n/);
  assert.deepEqual((await http.get('/projects/theirs/secrets', { bearer: ann })).json.secrets, []);
});

test('no value of a secret is in the log of events or in an answer', async () => {
  const { text } = await http.get('/events');
  for (const value of [
    'of-the-farm',
    'of-the-team',
    'of-the-project',
    'renewed-value',
    'let-into-features',
    'of-bob-alone',
  ])
    assert.ok(!text.includes(value), value);
  assert.match(text, /"type":"SecretSet"/);
});

test('a branch is let in by its name or by stars, and unless told the default branch alone', () => {
  const job = (branch: string) => ({ branch, snapshot: { default_branch: 'main' } as Json });
  assert.ok(isLetIn(null, job('main')));
  assert.ok(!isLetIn(null, job('mainly')));
  assert.ok(isLetIn(['release/*'], job('release/1.2')));
  assert.ok(!isLetIn(['release/*'], job('main')));
  assert.ok(!isLetIn(null, { branch: 'main*', snapshot: { default_branch: 'main' } as Json }));
  assert.ok(matchesStars('*', 'anything') && !matchesStars('a*b*c', 'acb'));
});
