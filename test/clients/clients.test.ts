import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { generateClients } from '../../clients/generate.ts';
import { enqueue, eslintReport, register } from '../services/api/registered.ts';
import { openFarm } from '../support/farm.ts';

const run = promisify(execFile);
const farm = await openFarm({ files: { 'report.json': eslintReport('a.js', "'x' is not defined"), 'a.js': 'x();\n' } });
const dir = mkdtempSync(join(tmpdir(), 'ct-clients-'));
after(async () => {
  await farm.close();
  rmSync(dir, { recursive: true, force: true });
});
const { http, url } = farm;
let env: NodeJS.ProcessEnv = {};

before(async () => {
  generateClients((await http.get('/openapi.json')).json, dir);
  const bearer = await http.mint('client', { team: 'admin', role: 'maintainer' });
  env = { ...process.env, FARM: url, TOKEN: bearer };
  await register(farm, 'web', { bearer, commands: { lint: 'echo looking; cat report.json; exit 1', test: 'true' } });
  for (const _one of [1, 2, 3]) {
    const { job_id } = await enqueue(farm, 'web', { recipe: 'test' }, { bearer });
    await http.ended(job_id);
  }
});

const has = async (program: string, ...args: string[]) =>
  run(program, args).then(
    () => true,
    () => false,
  );

/** What each program prints: what it asked for, read, followed, was refused, and heard of. */
const expected = ['jobs 3', 'log looking', 'findings no-undef', 'refused 404 not_found', 'heard JobEnqueued'];

test('the TypeScript client is packed, installed in an empty folder without a network, checked strictly and used', async () => {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', dir], { cwd: join(dir, 'typescript') });
  const { filename } = JSON.parse(stdout)[0];
  const empty = join(dir, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'package.json'), '{"private": true, "type": "module"}');
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', join(dir, filename)], { cwd: empty });
  writeFileSync(
    join(empty, 'use.ts'),
    `import { FarmClient, FarmProblem, type Job } from '@crafting-table/client';
const farm = new FarmClient({ url: process.env.FARM ?? '', token: process.env.TOKEN ?? '' });
const jobs: Job[] = [];
for await (const job of farm.each('getJobs', { project: 'web', limit: 1 })) jobs.push(job);
console.log('jobs', jobs.length);
const { job_id } = await farm.postProjectsByNameJobs({ name: 'web', body: { recipe: 'lint' } });
let log = '';
for await (const { text } of farm.followLog(job_id)) log += text;
console.log('log', log.split('\\n')[0]);
const { findings } = await farm.getJobsByIdFindings({ id: job_id });
console.log('findings', findings.map(({ code }) => code).join());
const error = await farm.getJobsById({ id: 'none' }).catch((thrown: unknown) => thrown);
if (error instanceof FarmProblem) console.log('refused', error.status, error.code);
for await (const event of farm.events({ from: 'start', events: ['JobEnqueued'] })) {
  console.log('heard', event.type);
  break;
}
// @ts-expect-error a recipe that there is not
if (jobs.length > 100) await farm.postProjectsByNameJobs({ name: 'web', body: { recipe: 'tests' } });
process.exit(0);
`,
  );
  const types = ['--types', 'node', '--typeRoots', join(import.meta.dirname, '../../node_modules/@types')];
  const strict = ['--strict', '--noEmit', '--target', 'es2024', '--module', 'nodenext', '--skipLibCheck', 'false'];
  const tsc = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc');
  await run(process.execPath, [tsc, ...strict, ...types, 'use.ts'], { cwd: empty }).catch((error) =>
    assert.fail(error.stdout),
  );
  const used = await run(process.execPath, ['use.ts'], { cwd: empty, env });
  assert.deepEqual(used.stdout.trim().split('\n'), expected);
});

test('the Python client is used with the standard library alone', async (t) => {
  if (!(await has('python3', '--version'))) return t.skip('python3 is not on this machine');
  const program = `
import os
from crafting_table import Farm, FarmProblem
farm = Farm(os.environ["FARM"], os.environ["TOKEN"])
print("jobs", len(list(farm.each(farm.get_jobs, project="web", limit=1, status="succeeded"))) - ${'int(os.environ["MORE"])'})
job = farm.post_projects_by_name_jobs("web", {"recipe": "lint"})["job_id"]
print("log", "".join(text for _, text in farm.follow_log(job)).split("\\n")[0])
print("findings", ",".join(one["code"] for one in farm.each(farm.get_jobs_by_id_findings, job)))
try:
    farm.get_jobs_by_id("none")
except FarmProblem as problem:
    print("refused", problem.status, problem.code)
for event in farm.events(from_="start", events=["JobEnqueued"]):
    print("heard", event["type"])
    break
`;
  const { jobs } = (await http.get('/jobs?project=web&status=succeeded')).json;
  const more = { ...env, MORE: String(jobs.length - 3) };
  const { stdout } = await run('python3', ['-c', program], { cwd: join(dir, 'python'), env: more });
  assert.deepEqual(stdout.trim().split('\n'), expected);
});

test('the Go client is built from an empty module and used', async (t) => {
  if (!(await has('go', 'version'))) return t.skip('go is not on this machine');
  const own = join(dir, 'program');
  mkdirSync(own);
  writeFileSync(
    join(own, 'go.mod'),
    'module example.org/program\n\ngo 1.22\n\nrequire crafting-table.invalid/client v0.0.0\n\nreplace crafting-table.invalid/client => ../go\n',
  );
  writeFileSync(
    join(own, 'main.go'),
    `package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	craftingtable "crafting-table.invalid/client"
)

func main() {
	ctx := context.Background()
	farm := craftingtable.New(os.Getenv("FARM"), os.Getenv("TOKEN"))
	count := 0
	err := craftingtable.Each(func(cursor any) ([]craftingtable.Job, *string, error) {
		page, err := farm.GetJobs(ctx, craftingtable.Query{"project": "web", "limit": 1, "cursor": cursor})
		return page.Jobs, page.NextCursor, err
	}, func(job craftingtable.Job) error {
		if job.Recipe == "test" {
			count++
		}
		return nil
	})
	fmt.Println("jobs", count)
	made, _ := farm.PostProjectsByNameJobs(ctx, "web", map[string]any{"recipe": "lint"})
	log := ""
	_ = farm.FollowLog(ctx, made.JobId, func(_, text string) error { log += text; return nil })
	fmt.Println("log", strings.Split(log, "\\n")[0])
	found, _ := farm.GetJobsByIdFindings(ctx, made.JobId, nil)
	for _, one := range found.Findings {
		fmt.Println("findings", *one.Code)
	}
	_, err = farm.GetJobsById(ctx, "none", nil)
	var problem *craftingtable.Problem
	if errors.As(err, &problem) {
		fmt.Println("refused", problem.Status, problem.Code)
	}
	_ = farm.Events(ctx, craftingtable.Query{"from": "start", "events": []string{"JobEnqueued"}}, func(event craftingtable.Event) error {
		fmt.Println("heard", event.Type)
		return io.EOF
	})
}
`,
  );
  const offline = { ...env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const { stdout } = await run('go', ['run', '.'], { cwd: own, env: offline });
  assert.deepEqual(stdout.trim().split('\n'), expected);
});
