import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { demoFleet } from '../../../services/cli/demo/fleet/fleet.ts';
import { patchEnds } from '../../../services/cli/demo/fleet/fleet-patches.ts';
import { fleetProject } from '../../../services/cli/demo/fleet/fleet-project.ts';
import { nightBefore, nightLasts, roundsOf } from '../../../services/cli/demo/fleet/tell-fleet.ts';
import { httpAt, type Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';

test('a made-up fleet shows every state that pages have, runs again by hand, and leaves nothing behind', async () => {
  const ending = new AbortController();
  const lines: string[] = [];
  const projects = 30;
  const look = async ({ url, admin }: { url: string; admin: string }) => {
    const http = httpAt(url, admin);
    const all = async (path: string, key: string): Promise<Json[]> => (await http.get(`${path}limit=500`)).json[key];
    assert.equal((await all('/projects?', 'projects')).length, projects);
    const states = new Set((await all('/findings?', 'findings')).map(({ state }) => state));
    for (const state of ['open', 'resolved', 'suppressed']) assert.ok(states.has(state), state);
    const patches = new Set((await all('/patches?', 'patches')).map(({ status }) => status));
    const ends = patchEnds.map((end) => (end === 'conflicted' ? 'pr_opened' : end));
    assert.deepEqual(
      ends.filter((end) => !patches.has(end)),
      [],
    );
    const { items } = (await http.get('/inbox')).json;
    assert.deepEqual(
      items.filter(({ kind }: Json) => kind === 'schedule' || kind === 'consumer'),
      [],
    );
    const attempts = await all('/patches?', 'patches');
    await assertAgrees(http, await all('/jobs?', 'jobs'), attempts);
    // What the history says of the last night, a run of today says, too.
    const merged = new Set(attempts.filter(({ status }) => status === 'merged').map(({ project }) => project));
    const before = (await all('/jobs?', 'jobs')).find(
      ({ project, recipe, purpose, findings_count: count }) =>
        recipe === 'lint' && purpose === 'scheduled' && count > 0 && !merged.has(project),
    );
    const { job_id } = (await http.post(`/projects/${before.project}/jobs`, { recipe: 'lint' })).json;
    const job = await http.ended(job_id);
    assert.deepEqual(
      [job.findings_count, job.new_findings_count, job.resolved_findings_count, job.detail],
      [before.findings_count, 0, 0, null],
    );
    ending.abort();
  };
  const options = { projects, rounds: 3, signal: ending.signal, env: process.env, onReady: look };
  assert.equal(await demoFleet(options, (line) => void lines.push(line)), 0);
  const bearer = /bearer in (\S+)/.exec(lines.join('\n'))?.[1] ?? '';
  assert.match(bearer, /crafting-table-fleet-/);
  assert.equal(existsSync(dirname(dirname(bearer))), false);
});

/** What pages say of one thing in several places is the same. */
async function assertAgrees(
  http: ReturnType<typeof httpAt>,
  jobs: readonly Json[],
  patches: readonly Json[],
): Promise<void> {
  for (const { job_id, purpose, status, started_at, finished_at, duration_ms } of jobs) {
    if (purpose !== 'scheduled' || status === 'running') continue;
    const between = Date.parse(finished_at) - Date.parse(started_at);
    assert.ok(duration_ms > 0 && duration_ms <= between, `${job_id} took ${duration_ms} of ${between} ms`);
  }
  for (const { id, finding_id, status, method, evidence } of patches) {
    const { finding } = (await http.get(`/findings/${finding_id}`)).json;
    const { diff } = (await http.get(`/patches/${id}`)).json.attempt;
    assert.notEqual(finding.kind, 'test_fail', `${id}: findings that the project has not patched`);
    if (method !== null) assert.ok(diff.includes(`b/${finding.file}\n`), `${id}: ${finding.file} in ${diff}`);
    if (evidence !== null) assert.equal(evidence.targets[0].line, finding.line, id);
    // The run that follows a merge no longer sees it.
    if (status === 'merged')
      await until(async () => (await http.get(`/findings/${finding_id}`)).json.finding.state === 'resolved');
  }
}

test('a fleet is the same each time, and has no name twice', () => {
  const gitUrl = '/tmp/monorepo';
  const of = (n: number) => fleetProject(n, { rounds: 4, gitUrl, hour: 2 });
  assert.deepEqual(JSON.stringify(of(7)), JSON.stringify(of(7)));
  const names = Array.from({ length: 2000 }, (_, n) => of(n).document.name);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual([1, 200, 2000].map(roundsOf), [14, 4, 3]);
});

test('at any hour the last night is over, and no time of a schedule has passed since', () => {
  const hour = 3_600_000;
  for (let quarter = 0; quarter < 96; quarter += 1) {
    const now = Date.UTC(2026, 10, 30) + quarter * (hour / 4) + 1;
    const night = nightBefore(now);
    const { schedule } = fleetProject(0, { rounds: 3, gitUrl: '/tmp/monorepo', hour: night.hour }).document;
    const [first = 0, ...others] = ['test', 'lint', 'audit'].flatMap((recipe) => {
      const time = schedule[recipe as 'test'];
      return time === undefined ? [] : [Date.parse(`${new Date(night.beginsMs).toISOString().slice(0, 10)}T${time}Z`)];
    });
    assert.ok(now - night.beginsMs > nightLasts && Math.max(first, ...others) < night.beginsMs, `quarter ${quarter}`);
    assert.ok(first + 24 * hour > now, `quarter ${quarter}: tonight's runs are missed`);
  }
});
