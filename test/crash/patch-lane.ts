import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silent } from '../../services/io/log.ts';
import { connectNats } from '../../services/io/nats/connection.ts';
import { inTempDir } from '../support/farm-parts.ts';
import type { ForgeFailure } from '../support/forge-server.ts';
import { git } from '../support/git-repository.ts';
import type { Json } from '../support/http.ts';
import { mendingLinter } from '../support/mending-linter.ts';
import { type PatchParts, withPatchParts } from '../support/patch-parts.ts';
import { until } from '../support/until.ts';
import { processesWith, type Service, startService } from './service-process.ts';

const mortal = join(import.meta.dirname, 'mortal-service.ts');

/** Where the service is killed: when an event of the attempt is in the log, or at a call to somebody outside. */
export type Point = {
  readonly event?: string;
  /** A key of the stand-ins' `onCall`; `before`: the work was not done, `after`: it was, and the answer is lost. */
  readonly call?: string;
  readonly phase?: 'before' | 'after';
  readonly code?: 'no-worse' | 'no-bad';
  /** What the next service meets at the forge. */
  readonly trouble?: ForgeFailure;
  /** How many turns of the agent are lost; null: one at most. */
  readonly lost?: number | null;
};

/** Starts the service of `mortal-service.ts`. */
export function startMortal(data: string, env: Record<string, string>): Promise<Service> {
  return startService(data, env, mortal);
}

export const files = { 'lint.pl': mendingLinter(), 'src/a.js': 'const a = "bad";\nconst c = "worse";\nconst d = 1;\n' };
const subprojects = [{ path: '.', language: 'javascript', lint: 'perl lint.pl # eslint -f json' }];
export const mend = JSON.stringify({
  edits: [{ file: 'src/a.js', search: '"worse"', replace: '"fine"' }],
  explanation: 'It was not good.',
  confidence: 0.8,
});

/** Kills a service at each of these points, each with a project of its own, and looks at what the next one made of it. */
export function killAt(points: readonly Point[]): Promise<void> {
  let service: Service | undefined;
  let deadly: Point | undefined;
  const onCall = (key: string, phase: 'before' | 'after') => {
    if (deadly?.call === undefined || !key.includes(deadly.call) || deadly.phase !== phase) return undefined;
    deadly = undefined;
    service?.child.kill('SIGKILL');
    return 'cut' as const;
  };
  return inTempDir((dir) =>
    withPatchParts({ files, answer: () => mend, onCall }, async (parts) => {
      const data = mkdtempSync(join(dir, 'data-'));
      const live = (at: number) => {
        const event = points[at]?.event;
        const after: Record<string, string> = event ? { MORTAL_AFTER: `${event} p${at}` } : {};
        return startMortal(data, { ...parts.env, MORTAL_PARTS: 'few', ...after });
      };
      try {
        service = await live(0);
        for (const [at, point] of points.entries()) {
          const target = await foundIn(service, `p${at}`, { parts, code: point.code ?? 'no-worse' });
          deadly = point;
          const { child } = service;
          await service.call(`/jobs/${target.job}/patches`, { finding_id: target.finding }).catch(() => null);
          await until(() => child.signalCode === 'SIGKILL', `a death at ${nameOf(point)}`);
          if (point.trouble) parts.forge.failNext(point.trouble);
          service = await live(at + 1);
          await assertSettled(service, `p${at}`, { parts, point });
        }
        await whenIdle(natsOf(data));
        for (const [at, point] of points.entries()) await assertSettled(service, `p${at}`, { parts, point });
      } finally {
        if (service && service.child.signalCode === null) await service.end('SIGTERM');
      }
      await until(() => processesWith(dir).length === 0, `no process is left of ${dir}`);
    }),
  );
}

export function nameOf({ event, call, phase, code }: Point): string {
  return `${event ?? (call ? `${phase} ${call}` : 'no point')}${code === 'no-bad' ? ' of a tool edit' : ''}`;
}

type Finding = { readonly parts: PatchParts; readonly code: string };

/** Registers a project on the forge, runs its recipe, and answers the finding of this rule. */
export async function foundIn(service: Service, name: string, { parts, code }: Finding) {
  const made = await service.call('/projects', { name, git_url: parts.gitUrl, subprojects });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const job = String((await service.call(`/projects/${name}/jobs`, { recipe: 'lint' })).body.job_id);
  let findings: Json[] = [];
  await until(async () => {
    findings = ((await service.call(`/jobs/${job}/findings`)).body.findings ?? []) as Json[];
    return findings.length === 2;
  }, `the findings of ${name}`).catch(async (error) => {
    throw new Error(`${error.message} ${await wordsOn(service, job)}`);
  });
  return { job, finding: findings.find((one) => one.code === code).id as number };
}

/** All that helps to see why a job did not come to what was expected of it. */
async function wordsOn(service: Service, job: string): Promise<string> {
  const { body } = await service
    .call(`/jobs/${job}`)
    .catch((error) => ({ body: { job: String(error), log_tail: [] } }));
  const tail = (Array.isArray(body.log_tail) ? body.log_tail : []).slice(-20).join('\n');
  return `The job: ${JSON.stringify(body.job ?? body)}\nIts log ends:\n${tail}\nThe service: ${service.said().slice(-2_000)}`;
}

type Expected = { readonly parts: PatchParts; readonly point: Point };

/** One branch, one pull request, one conversation that is over, and each fact once. */
export async function assertSettled(service: Service, project: string, { parts, point }: Expected): Promise<void> {
  const what = `${project}, killed at ${nameOf(point)}`;
  let attempts: Json[] = [];
  await until(async () => {
    attempts = (await service.call(`/patches?project=${project}`)).body.patches as Json[];
    return attempts[0]?.status === 'pr_opened' && attempts[0].sessions.every((one: Json) => one.closed);
  }, `${what}, to be settled`).catch((error) => {
    throw new Error(`${error.message} ${JSON.stringify(attempts[0])} ${service.said()}`);
  });
  assert.equal(attempts.length, 1, what);
  const { id, branch, commit, pr_number, method } = attempts[0];
  assert.equal(git(parts.bare, 'rev-parse', branch), commit, what);
  assert.equal(git(parts.bare, 'rev-parse', `${branch}^`), git(parts.bare, 'rev-parse', 'main'), what);
  const ofJob = parts.branches().filter((name) => name.startsWith(branch.slice(0, branch.lastIndexOf('-'))));
  assert.deepEqual(ofJob, [branch], what);
  const pulls = parts.forge.pulls.filter(({ head }) => head === branch);
  assert.deepEqual(
    pulls.map(({ number, state, headSha }) => ({ number, state, headSha })),
    [{ number: pr_number, state: 'open', headSha: commit }],
    what,
  );
  const byAgent = method === 'agent' ? 1 : 0;
  const sessions = [...(parts.agent?.sessions.values() ?? [])].filter(({ meta }) =>
    String(meta.crafting_table_patch).endsWith(`/${id}`),
  );
  assert.equal(sessions.length, byAgent, `${what}: sessions`);
  assert.ok(
    sessions.every(({ closed_at }) => closed_at !== null),
    what,
  );
  const facts = await factsOf(service, id);
  const lost = point.lost === null ? Math.min(facts.PatchSentBack ?? 0, 1) : (point.lost ?? 0);
  assert.deepEqual(
    facts,
    {
      PatchRequested: 1,
      ...(byAgent ? { PatchSessionOpened: 1, PatchTurnStarted: 1 + lost, PatchSessionClosed: 1 } : {}),
      ...(lost ? { PatchSentBack: lost } : {}),
      PatchDrafted: 1,
      PatchVerified: 1,
      ProofStated: 1,
      BranchPushed: 1,
      PrOpened: 1,
    },
    `${what}${await sentBack(service, id)}`,
  );
  const running = (await service.call(`/jobs?project=${project}&status=running`)).body.jobs as Json[];
  assert.deepEqual(running, [], what);
}

/** Why turns of an attempt were sent back, in words. */
async function sentBack(service: Service, id: string): Promise<string> {
  const told = (await service.events()).filter(({ type, data }) => type === 'PatchSentBack' && data.patch_id === id);
  return told.map(({ data }) => `, sent back: ${JSON.stringify(data).slice(0, 600)}`).join('');
}

/** How many events there are of each name about an attempt. */
async function factsOf(service: Service, id: string): Promise<Record<string, number>> {
  const facts: Record<string, number> = {};
  for (const { type, data } of await service.events()) if (data.patch_id === id) facts[type] = (facts[type] ?? 0) + 1;
  return facts;
}

type LogServer = { readonly url: string; readonly user?: string; readonly pass?: string };

/** The address of the log's server on a data folder, as its own service finds it. */
function natsOf(data: string): LogServer {
  const dir = join(data, 'nats');
  const conf = readFileSync(join(dir, 'server.conf'), 'utf8');
  const [, user = '', pass = ''] = /user: "([^"]+)", password: "([^"]+)"/.exec(conf) ?? [];
  return { user, pass, url: addressIn(dir) };
}

/** Where a nats-server listens that writes its ports into this folder. */
export function addressIn(dir: string): string {
  const ports = readdirSync(dir).find((name) => name.endsWith('.ports')) ?? '';
  return JSON.parse(readFileSync(join(dir, ports), 'utf8')).nats[0];
}

/** Resolves when every event has been settled by whom it concerns. */
export async function whenIdle(server: LogServer): Promise<void> {
  const nats = await connectNats({ ...server, name: 'test', log: silent });
  try {
    await until(async () => {
      const infos = await nats.jsm.consumers.list('CT_EVENTS').next();
      const ours = infos.filter(({ name }) => name.startsWith('patcher-'));
      return ours.length > 0 && ours.every((one) => one.num_pending + one.num_ack_pending === 0);
    }, 'nothing to be left to do');
  } finally {
    await nats.connection.close();
  }
}
