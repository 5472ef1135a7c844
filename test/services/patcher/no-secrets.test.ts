import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Log } from '../../../services/io/log.ts';
import { type Farm, start } from '../../../services/start.ts';
import { testConfig } from '../../support/farm.ts';
import { git } from '../../support/git-repository.ts';
import { type Http, httpAt, type Json } from '../../support/http.ts';
import { mendingLinter } from '../../support/mending-linter.ts';
import { agentToken, forgeToken, type PatchParts, withPatchParts } from '../../support/patch-parts.ts';
import { until } from '../../support/until.ts';
import { routeTable } from '../api/route-table.ts';

const more = {
  CRAFTING_GITHUB_TOKEN: 'ghp_github-token+/=0123456789',
  CRAFTING_SMTP_PASS: 'smtp-password+/=0123456789',
  CRAFTING_SECRET_KEY: '0123456789abcdef'.repeat(4).replace('0', 'e'),
  CRAFTING_FORGE_WEBHOOK_SECRET: 'webhook-secret+/=0123456789',
};
const secrets = [forgeToken, agentToken, ...Object.values(more)];
const code = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '');
/** Every form in which a secret is used or could be printed. */
const forms = secrets.flatMap((one) => [
  one,
  encodeURIComponent(one),
  ...[one, `git:${one}`, `x-access-token:${one}`].flatMap((text) => [
    code(text),
    Buffer.from(text).toString('base64url'),
  ]),
]);

const far = Array.from({ length: 8 }, (_, n) => `const filler${n} = ${n};\n`).join('');
const files = {
  'lint.pl': mendingLinter(),
  'src/a.js': 'const a = "bad";\n',
  'src/b.js': 'const b = "bad";\n',
  // A repository that holds what nobody should be shown.
  'src/c.js': `const c = "worse";\n${far}const leaked = "${forgeToken}";\nconst other = "${agentToken}";\n`,
  'src/d.js': 'const d = "bad";\n',
  backwards: [...forgeToken].reverse().join(''),
};
/** Prints what it finds, and the credential of its repository, which it makes out of a file that holds it backwards. */
const lint = [
  'env >&2; git config --list >&2; s=$(rev backwards)',
  'echo "$s $(printf %s "git:$s" | base64 -w0)" >&2',
  'perl lint.pl # eslint -f json',
].join('\n');

type Scene = { farm: Farm; http: Http; parts: PatchParts; said: string[]; children: ChildProcess[] };

async function withScene(work: (scene: Scene) => Promise<void>): Promise<void> {
  const mended = { edits: [{ file: 'src/c.js', search: '"worse"', replace: '"fine"' }] };
  const answers = [
    `I was given ${forgeToken} and ${agentToken}, and give no JSON.`,
    JSON.stringify({ ...mended, explanation: `It was ${forgeToken} and ${agentToken}.`, confidence: 0.5 }),
  ];
  const options = { files, answer: () => answers.shift() ?? '' };
  const said: string[] = [];
  const take = (...facts: unknown[]) =>
    void said.push(
      JSON.stringify(facts, (_, value) => (value instanceof Error ? `${value.stack} ${value.cause}` : value)),
    );
  const logger: Log = { trace: take, debug: take, info: take, warn: take, error: take };
  const children: ChildProcess[] = [];
  const seen = (message: unknown) => void children.push((message as { process: ChildProcess }).process);
  const dir = mkdtempSync(join(tmpdir(), 'ct-secrets-'));
  subscribe('child_process', seen);
  try {
    await withPatchParts(options, async (parts) => {
      const farm = await start(testConfig(dir, { ...parts.env, ...more }), logger);
      try {
        const admin = readFileSync(farm.adminBearerFile ?? '', 'utf8').trim();
        await work({ farm, http: httpAt(farm.url ?? '', admin), parts, said, children });
      } finally {
        await farm.close();
      }
    });
  } finally {
    unsubscribe('child_process', seen);
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A life with all that can go wrong, where the other side repeats our secrets whenever it can. */
async function live({ farm, http, parts }: Scene): Promise<string[]> {
  const subprojects = [{ path: '.', language: 'javascript', lint }];
  const made = await http.post('/projects', { name: 'p', git_url: parts.gitUrl, subprojects });
  assert.equal(made.status, 201, made.text);
  const { job_id: job } = (await http.post('/projects/p/jobs', { recipe: 'lint' })).json;
  await http.ended(job);
  const { findings } = (await http.get(`/jobs/${job}/findings`)).json;
  const mend = async (file: string): Promise<Json> => {
    const finding = findings.find((one: Json) => one.file === file);
    const answer = await http.post(`/jobs/${job}/patches?wait=300`, { finding_id: finding.id });
    assert.ok(answer.json?.attempt, answer.text);
    return answer.json.attempt;
  };
  const words = `the token ${forgeToken} (Basic ${Buffer.from(`git:${forgeToken}`).toString('base64')}) is bad`;
  const create = 'gitea POST /repos/{owner}/{repo}/pulls';
  parts.forge.failNext({ route: 'git POST git-receive-pack', status: 500 });
  parts.forge.failNext({ route: create, status: 500, message: words });
  assert.equal((await mend('src/a.js')).status, 'pr_opened');
  parts.forge.failNext({ route: create, status: 403, message: words });
  assert.equal((await mend('src/b.js')).failure.reason, 'forbidden');
  parts.agent?.failNext('turn', {
    status: 502,
    raw: JSON.stringify({ detail: { error: 'run_failed', stderr: agentToken } }),
  });
  const byAgent = await mend('src/c.js');
  assert.deepEqual([byAgent.status, byAgent.method], ['pr_opened', 'agent'], JSON.stringify(byAgent.failure));
  writeFileSync(join(parts.bare, 'hooks', 'pre-receive'), `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
  const declined = await mend('src/d.js');
  assert.deepEqual([declined.status, declined.failure.step], ['abandoned', 'push']);
  rmSync(join(parts.bare, 'hooks', 'pre-receive'));
  parts.forge.merge(1);
  const tell = { forge: 'gitea', event: 'pull_request', action: 'closed', number: 1 } as const;
  const target = `${farm.url}/forge/webhook`;
  assert.equal(await parts.forge.webhook(target, { ...tell, secret: more.CRAFTING_FORGE_WEBHOOK_SECRET }), 202);
  assert.equal(await parts.forge.webhook(target, { ...tell, secret: 'wrong' }), 401);
  await until(async () => {
    const { jobs } = (await http.get('/jobs')).json;
    return (
      jobs.filter(({ purpose }: Json) => purpose !== 'verify').length === 2 &&
      jobs.every(({ status }: Json) => /^(succeeded|failed)$/.test(status))
    );
  });
  return [byAgent.id, declined.id];
}

describe('a whole life of the patch loop', () => {
  it('shows none of its secrets to anybody, in no form', () =>
    withScene(async (scene) => {
      const attempts = await live(scene);
      const { farm, http, parts, said, children } = scene;
      const shown: [string, string][] = [];
      for (let seq = 1; seq <= (await farm.store.log.end()); seq += 1)
        shown.push([`event ${seq}`, JSON.stringify(await farm.store.log.at(seq))]);
      const jobs = (await http.get('/jobs?limit=100')).json.jobs.map((one: Json) => one.job_id) as string[];
      const patches = (await http.get('/patches')).json.patches.map((one: Json) => one.id) as string[];
      assert.ok(attempts.every((id) => patches.includes(id)));
      const findings = (await http.get('/findings')).json.findings.map((one: Json) => String(one.id)) as string[];
      const ids: Record<string, readonly string[]> = { jobs, patches, findings, projects: ['p'] };
      for (const { method, path } of routeTable()) {
        if (method !== 'GET') continue;
        const [, kind = ''] = path.split('/');
        for (const id of path.includes(':') ? (ids[kind] ?? ['1']) : [''])
          shown.push([`GET ${path} ${id}`, (await http.get(path.replace(/:\w+/, id))).text]);
      }
      for (const { number, title, body, comments } of parts.forge.pulls)
        shown.push([`pull request ${number}`, [title, body, ...comments].join('\n')]);
      shown.push(['commit messages', git(parts.bare, 'log', '--all', '--format=%an %ae %B')]);
      for (const { prompt } of parts.agent?.turns ?? []) shown.push(['a prompt', prompt]);
      for (const line of said) shown.push(['the log', line]);
      for (const { spawnargs = [] } of children) shown.push(['an argument', spawnargs.join(' ')]);
      const of = (what: string) => shown.filter(([where]) => where.startsWith(what)).length;
      for (const what of [
        'event',
        'GET /jobs/:id/log',
        'GET /patches/:id',
        'pull',
        'a prompt',
        'the log',
        'an argument',
      ])
        assert.ok(of(what) > 1, `${what} was looked at`);
      const leaks = shown.flatMap(([where, text]) =>
        forms
          .filter((form) => text.includes(form))
          .map(
            (form) => `${form} in ${where}: …${text.slice(Math.max(0, text.indexOf(form) - 80), text.indexOf(form))}`,
          ),
      );
      assert.deepEqual(leaks, []);
    }));
});
