import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { withFarm } from '../../support/farm.ts';
import { commitFiles, git } from '../../support/git-repository.ts';
import type { Answer, Json } from '../../support/http.ts';
import { mendingLinter, usualRules } from '../../support/mending-linter.ts';
import { openPatchFarm, type PatchFarm, type Seen } from '../../support/patch-farm.ts';

const { bad, worse, evil } = usualRules;
const files = {
  'lint.pl': mendingLinter(),
  'src/a.js': 'const a = "worse";\nconst b = "bad";\nconst c = ["bad"];\n',
  'fail.pl': 'exit 3;\n',
  // `worse` is an error here, and `bad` a warning.
  'strict.pl': mendingLinter({ rules: [bad, { ...worse, severity: 2 }, evil] }),
};
const decline = JSON.stringify({ decline: 'No.' });
const linted = (lint: string) => [{ path: '.', language: 'javascript', lint }];
const strict = { subprojects: linted('perl strict.pl # eslint -f json') };
const says = ({ status, json }: Answer) => [status, json.code];
const idOf = ({ findings }: Seen, code: string): number => findings.find((one) => one.code === code).id;

describe('POST /jobs/{id}/patches', () => {
  let farm: PatchFarm;
  before(async () => {
    farm = await openPatchFarm({ files });
  });
  after(() => farm.close());
  const ask = (seen: Seen, body?: unknown, query = '?wait=300', headers = {}) =>
    farm.http.post(`/jobs/${seen.job}/patches${query}`, body, { headers });

  it('without a finding takes the cheapest method of the most severe, and says so when nothing is left', async () => {
    const seen = await farm.seen('best');
    farm.script('best', decline);
    const first = await ask(seen);
    assert.deepEqual([first.status, first.json.attempt.method], [200, 'tool_edit'], first.text);
    assert.equal(first.json.attempt.finding_id, idOf(seen, 'no-bad'));
    assert.equal(first.headers.get('location'), `/patches/${first.json.attempt.id}`);
    const rest = [await ask(seen, {}), await ask(seen, { finding_id: null })].map(({ json }) => json.attempt);
    assert.deepEqual(
      rest.map(({ methods, status }) => [methods[0], status]),
      [
        ['tool_edit', 'pr_opened'],
        ['agent', 'declined'],
      ],
    );
  });

  it('without a finding prefers severity to cost', async () => {
    const seen = await farm.seen('severe', strict);
    farm.script('severe', decline);
    const { json } = await ask(seen);
    assert.equal(json.attempt.finding_id, idOf(seen, 'no-worse'));
  });

  it('answers a null attempt when there is nothing that could be mended', async () => {
    const seen = await farm.seen('nothing', { subprojects: linted('perl fail.pl') });
    assert.equal(seen.findings[0].kind, 'recipe_fail');
    const { status, json } = await ask(seen);
    assert.deepEqual([status, json.ok, json.attempt], [200, true, null]);
    assert.match(json.reason, /GET \/projects\/\{name\}\/proposals/);
    const one = await ask(seen, { finding_id: seen.findings[0].id });
    assert.deepEqual(says(one), [409, 'not_actionable']);
    assert.match(one.json.detail, /failing recipe/);
  });

  it('says 409 and why for a finding that is suppressed, resolved or of no allowed kind', async () => {
    const seen = await farm.seen('states', { patch: { kinds: ['cve'] } });
    const unfit = await ask(seen, { finding_id: idOf(seen, 'no-bad') });
    assert.deepEqual(says(unfit), [409, 'not_actionable']);
    assert.match(unfit.json.detail, /patch\.kinds/);
    const edit = async (more: object) => {
      const body = { git_url: farm.parts.gitUrl, subprojects: linted('perl lint.pl # eslint -f json'), ...more };
      const edited = await farm.http('PUT', '/projects/states', { body });
      assert.equal(edited.status, 200, edited.text);
    };
    await edit({ patch: { methods: ['bump'] } });
    const impossible = await ask(seen, { finding_id: idOf(seen, 'no-worse') });
    assert.deepEqual(says(impossible), [409, 'no_method'], 'nothing is missing here');
    const hushed = await farm.http.post(`/findings/${idOf(seen, 'no-bad')}/suppress`, { reason: 'we know' });
    assert.equal(hushed.status, 200, hushed.text);
    const suppressed = await ask(seen, { finding_id: idOf(seen, 'no-bad') });
    assert.deepEqual(says(suppressed), [409, 'not_open']);
    assert.match(suppressed.json.detail, /suppressed/);
    git(farm.parts.work, 'checkout', '--quiet', '-b', 'states', 'main');
    commitFiles(farm.parts.work, { 'src/a.js': 'const b = "bad";\n' });
    git(farm.parts.work, 'push', '--quiet', 'origin', 'states');
    await edit({ default_branch: 'states' });
    await farm.run('states');
    const resolved = await ask(seen, { finding_id: idOf(seen, 'no-worse') });
    assert.deepEqual(says(resolved), [409, 'not_open']);
    assert.match(resolved.json.detail, /resolved/);
  });

  it('answers the attempt that is open instead of beginning another one, also to many at once', async () => {
    const seen = await farm.seen('once');
    const finding_id = idOf(seen, 'no-bad');
    const all = await Promise.all(Array.from({ length: 8 }, () => ask(seen, { finding_id }, '')));
    assert.deepEqual([...new Set(all.map(({ status }) => status))], [202]);
    assert.deepEqual([...new Set(all.map(({ json }) => json.attempt.id))], [`${finding_id}-1`]);
    await farm.settled(`${finding_id}-1`, ({ status }) => status === 'pr_opened');
    const later = await ask(seen, { finding_id });
    assert.deepEqual([later.status, later.json.attempt.id], [200, `${finding_id}-1`]);
    assert.equal(farm.parts.forge.pulls.filter(({ head }) => head === later.json.attempt.branch).length, 1);
  });

  it('does the same thing once for one Idempotency-Key', async () => {
    const seen = await farm.seen('keyed');
    const headers = { 'idempotency-key': 'mend-it' };
    const first = await ask(seen, undefined, '?wait=300', headers);
    const again = await ask(seen, undefined, '?wait=300', headers);
    assert.equal(again.text, first.text);
    assert.equal((await farm.http.get('/patches?project=keyed')).json.patches.length, 1);
    const other = await ask(seen, { finding_id: idOf(seen, 'no-bad') }, '?wait=300', headers);
    assert.deepEqual(says(other), [409, 'idempotency_key_reused']);
  });

  it('answers at once with 202, or when the time to wait is over', async () => {
    const seen = await farm.seen('hasty');
    const { promise, resolve } = Promise.withResolvers<string>();
    farm.script('hasty', () => promise);
    const at = await ask(seen, { finding_id: idOf(seen, 'no-worse') }, '');
    assert.deepEqual([at.status, at.json.attempt.status, at.json.attempt.diff], [202, 'requested', null]);
    const soon = await ask(seen, { finding_id: idOf(seen, 'no-worse') }, '?wait=1');
    assert.deepEqual([soon.status, soon.json.attempt.status], [202, 'requested']);
    const waiting = ask(seen, { finding_id: idOf(seen, 'no-worse') });
    resolve(decline);
    assert.equal((await waiting).json.attempt.status, 'declined');
  });

  it('refuses what it does not understand', async () => {
    const seen = await farm.seen('odd');
    for (const query of ['?wait=301', '?wait=-1', '?wait=soon'])
      assert.equal((await ask(seen, undefined, query)).status, 400, query);
    for (const body of ['{"finding_id":', '[]', '"x"', { finding_id: 'one' }, { finding_id: 0 }, { findingId: 1 }]) {
      const answer = await farm.http.post(`/jobs/${seen.job}/patches`, body);
      assert.equal(answer.status, 400, `${JSON.stringify(body)} ${answer.text}`);
    }
    assert.deepEqual((await farm.http.get('/patches?project=odd')).json.patches, []);
    assert.deepEqual(says(await ask(seen, { finding_id: 999_999 })), [404, 'not_found']);
    assert.equal((await farm.http.post('/jobs/01arz3ndektsv4rrffq69g5fav/patches')).status, 404);
  });

  it('and all that follows from it is there for its owner alone', async () => {
    const seen = await farm.seen('mine');
    const { id } = (await ask(seen)).json.attempt;
    const bearer = await farm.http.mint('stranger');
    const paths: [string, string][] = [
      ['POST', `/jobs/${seen.job}/patches`],
      ['GET', `/patches/${id}`],
      ['GET', '/projects/mine/proposals'],
      ['POST', `/patches/${id}/reconsider`],
      ['GET', '/patches/999-1'],
      ['GET', '/patches/nonsense'],
    ];
    for (const [method, path] of paths)
      assert.equal((await farm.http(method, path, { bearer })).status, 404, `${method} ${path}`);
    assert.deepEqual((await farm.http.get('/patches', { bearer })).json.patches, []);
    assert.equal((await farm.http.get(`/patches/${id}`, { bearer: null })).status, 401);
  });

  it('is listed newest first, in pages, by project and status, with the diff in the detail alone', async () => {
    const seen = await farm.seen('listed');
    farm.script('listed', decline);
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await ask(seen)).json.attempt.id);
    const page = async (query: string) => (await farm.http.get(`/patches?project=listed${query}`)).json;
    const shown = ({ patches }: Json) => patches.map(({ id }: Json) => id);
    const first = await page('&limit=2');
    assert.deepEqual(shown(first), ids.slice(0, 2));
    const second = await page(`&limit=2&cursor=${first.next_cursor}`);
    assert.deepEqual([shown(second), second.next_cursor], [ids.slice(2), null]);
    assert.deepEqual(shown(await page('&status=declined')), [ids[0]]);
    assert.deepEqual(shown(await page('&status=pr_opened')), ids.slice(1));
    assert.equal((await farm.http.get('/patches?status=fine')).status, 400);
    assert.equal((await farm.http.get('/patches?cursor=%21')).status, 400);
    assert.ok(first.patches.every((one: Json) => !('diff' in one)));
    const { attempt } = (await farm.http.get(`/patches/${ids[1]}`)).json;
    assert.match(attempt.diff, /^-const \w = \[?"bad"/m);
    const { open } = (await farm.http.get('/projects/listed/proposals')).json;
    assert.ok(open.length === 2 && open.every((one: Json) => !('diff' in one)));
  });

  it('can be reconsidered when it is over, and not before', async () => {
    const seen = await farm.seen('lifted');
    const { id } = (await ask(seen, { finding_id: idOf(seen, 'no-bad') })).json.attempt;
    assert.deepEqual(says(await farm.http.post(`/patches/${id}/reconsider`)), [409, 'patch_open']);
    assert.equal((await farm.http.post(`/patches/${id}/reconsider`, { why: 'x' })).status, 400);
  });
});

describe('a patch loop that is not configured', () => {
  const findingsOf = async (http: PatchFarm['http'], git_url: string) => {
    const made = await http.post('/projects', {
      name: 'p',
      git_url,
      subprojects: linted('perl lint.pl # eslint -f json'),
    });
    assert.equal(made.status, 201, made.text);
    const { job_id } = (await http.post('/projects/p/jobs', { recipe: 'lint' })).json;
    await http.ended(job_id);
    return job_id;
  };

  it('says for good which variables are missing, and what can be done without', () =>
    withFarm(
      async ({ http, repository }) => {
        const answer = await http.post(`/jobs/${await findingsOf(http, repository)}/patches`);
        assert.deepEqual(says(answer), [409, 'patcher_disabled']);
        assert.match(answer.json.detail, /can be proven.*verify-patch without open_pull_request/);
        assert.match(answer.json.detail, /CRAFTING_GITEA_URL, CRAFTING_GITEA_TOKEN missing/);
        assert.equal((await http.get('/projects/p/proposals')).status, 200);
      },
      { files },
    ));

  it('says for good that the repository belongs to no forge that it knows', () =>
    withFarm(
      async ({ http, repository }) => {
        const answer = await http.post(`/jobs/${await findingsOf(http, repository)}/patches`);
        assert.deepEqual(says(answer), [409, 'no_forge']);
        assert.match(answer.json.detail, /CRAFTING_PATCHER_FORGE=none/);
      },
      { files, env: { CRAFTING_GITEA_URL: 'https://forge.example.org', CRAFTING_GITEA_TOKEN: 'token-0123456789' } },
    ));

  it('mends without an agent what a tool can mend, and names what an agent would need', async () => {
    const farm = await openPatchFarm({ files, agent: false });
    try {
      const seen = await farm.seen('p');
      assert.equal((await farm.mend(seen, 'no-bad')).status, 'pr_opened');
      const answer = await farm.http.post(`/jobs/${seen.job}/patches`, { finding_id: idOf(seen, 'no-worse') });
      assert.deepEqual(says(answer), [503, 'no_method']);
      assert.match(answer.json.detail, /CRAFTING_CLAWDFORGE_URL, CRAFTING_CLAWDFORGE_TOKEN/);
      assert.match(answer.json.detail, /CRAFTING_AGENT_COMMAND/);
    } finally {
      await farm.close();
    }
  });
});
