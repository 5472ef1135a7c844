import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Draft } from '../events/registry.ts';
import { silent } from '../services/io/log.ts';
import { httpCall } from '../services/mcp/http-call.ts';
import { startBuild } from '../services/projector/build-read-model.ts';
import { type Farm, start } from '../services/start.ts';
import { sampleDraft } from '../test/events/stored-payloads.ts';
import { inFolder } from './bench-farm.ts';
import { type Figure, median, printed, quantile } from './figure.ts';
import { appendAll, configIn } from './filled-store.ts';
import { historyProjects, jobHistory } from './job-history.ts';

const jobs = 12_500;
/** Every so many jobs one finds something, and then so many things. */
const findingEvery = 10;
const findingsOfEach = 4;
const rounds = 3;
/** Events between the two moments of a difference, and between a kept moment and one that is built on it. */
const between = 10_000;
const asked = 100;

type Ask = <T>(path: string) => Promise<{ readonly ms: number; readonly json: T }>;
type Past = { readonly farm: Farm; readonly ask: Ask; readonly dir: string; readonly end: number };

/**
 * A log of 55,000 events; moments in the middle of it, asked for over HTTP, each a little before the one before, so that
 * nothing that is kept helps: against building the same read models from the same log and nothing else. Then moments
 * on top of a kept one, differences, and what led to findings and jobs. Client and service share this process.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const farm = await start({ ...configIn(dir), roles: ['api'] }, silent);
    try {
      const { end } = await appendAll(farm.store, withFindings());
      await farm.models?.applied(end, 60_000);
      const past = { farm, dir, end, ask: askOf(farm) };
      return [...(await moments(past)), ...(await differences(past)), ...(await explanations(past))];
    } finally {
      await farm.close();
    }
  });
}

/** Projects, then the history of jobs, of which some find something between their end and the last word about them. */
function* withFindings(): Generator<Draft> {
  for (let n = 0; n < historyProjects; n += 1)
    yield sampleDraft('ProjectRegistered', `project-${n}`, { name: `project-${n}` });
  let exits = 0;
  let found = 0;
  for (const draft of jobHistory(jobs)) {
    yield draft;
    if (draft.type !== 'RecipeExited') continue;
    exits += 1;
    if (exits % findingEvery !== 0) continue;
    const { job_id, project } = draft.data;
    for (let at = 0; at < findingsOfEach; at += 1) {
      found += 1;
      const identity = found.toString(16).padStart(32, '0');
      yield sampleDraft('FindingDetected', identity, { identity, project, job_id });
    }
  }
}

function askOf({ url, adminBearerFile }: Farm): Ask {
  const call = httpCall(url ?? '', readFileSync(adminBearerFile ?? '', 'utf8').trim());
  return async <T>(path: string) => {
    const began = performance.now();
    const { status, json, text } = await call('GET', path);
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return { ms: performance.now() - began, json: json as T };
  };
}

async function moments({ farm, ask, dir, end }: Past): Promise<Figure[]> {
  const [fromNothing, plain, onKept, again] = [[], [], [], []] as [number[], number[], number[], number[]];
  const middle = Math.round(end / 2);
  for (let round = 0; round < rounds; round += 1) {
    const seq = middle - round;
    fromNothing.push((await ask(`/jobs?limit=50&at=${seq}`)).ms);
    for (let n = 0; n < asked; n += 1) again.push((await ask(`/jobs?limit=50&at=${seq}`)).ms);
    plain.push(await build(farm, join(dir, 'plain'), seq));
  }
  // The last ones kept are those around the middle.
  for (let round = 0; round < rounds; round += 1)
    onKept.push((await ask(`/jobs?limit=50&at=${middle + between - round}`)).ms);
  const now: number[] = [];
  for (let n = 0; n < asked; n += 1) now.push((await ask('/jobs?limit=50')).ms);
  return [
    held(`?at= in the middle of ${end} events, from nothing`, fromNothing, plain, 1.3),
    held(`the same, ${between} events after a kept moment`, onKept, plain, 0.5),
    held('the same once more, p50, against now', again, now, 2),
  ];
}

function held(what: string, ours: readonly number[], limit: readonly number[], atMost: number): Figure {
  return { what, unit: 'ms', ours: median(ours), limit: median(limit), target: { atMost } };
}

/** Building the read models up to a sequence, and nothing else: ms. */
async function build({ store }: Farm, folder: string, seq: number): Promise<number> {
  mkdirSync(folder);
  const began = performance.now();
  const one = startBuild(folder, store.log, () => {});
  await one.advanceTo(seq);
  const ms = performance.now() - began;
  one.discard();
  rmSync(folder, { recursive: true });
  return ms;
}

type Page = { readonly next_cursor: string | null; readonly changes: unknown[] };

async function differences({ farm, ask, dir, end }: Past): Promise<Figure[]> {
  const [cold, plain, pages, now] = [[], [], [], []] as [number[], number[], number[], number[]];
  // Below everything that was kept before.
  const middle = Math.round(end / 2) - 1_000;
  for (let round = 0; round < rounds; round += 1) {
    const [from, to] = [middle - between - round, middle - round];
    const path = `/diff?from=${from}&to=${to}&limit=50`;
    const first = await ask<Page>(path);
    cold.push(first.ms);
    let cursor = first.json.next_cursor;
    for (let n = 0; n < asked / rounds && cursor !== null; n += 1) {
      const next = await ask<Page>(`${path}&cursor=${cursor}`);
      pages.push(next.ms);
      cursor = next.json.next_cursor;
    }
    plain.push(await build(farm, join(dir, 'plain'), to));
  }
  for (let n = 0; n < asked; n += 1) now.push((await ask('/jobs?limit=50')).ms);
  return [
    held(`first page of GET /diff over ${between} events, from nothing, against a replay`, cold, plain, 1.5),
    held('its further pages, p50, against GET /jobs?limit=50', pages, now, 10),
  ];
}

async function explanations({ ask }: Past): Promise<Figure[]> {
  const { json } = await ask<{ findings: { id: number }[] }>(`/findings?limit=${asked}`);
  const ofFindings: number[] = [];
  const ofJobs: number[] = [];
  for (const { id } of json.findings) {
    const { ms, json: told } = await ask<{ chain: unknown[] }>(`/findings/${id}/explain`);
    if (told.chain.length < findingsOfEach)
      throw new Error(`finding ${id} is explained by ${told.chain.length} events`);
    ofFindings.push(ms);
  }
  const { json: listed } = await ask<{ jobs: { job_id: string }[] }>(`/jobs?limit=${asked}&status=failed`);
  for (const { job_id } of listed.jobs) ofJobs.push((await ask(`/jobs/${job_id}/explain`)).ms);
  const figure = (what: string, times: number[]): Figure => ({
    what,
    unit: 'ms',
    ours: median(times),
    limit: null,
    target: { atMost: 50 },
  });
  console.log(
    `history: explain, p95: finding ${quantile(ofFindings, 0.95).toFixed(1)} ms, job ${quantile(ofJobs, 0.95).toFixed(1)} ms`,
  );
  return [figure('explain of a finding, p50', ofFindings), figure('explain of a job, p50', ofJobs)];
}

if (import.meta.main) await printed(run);
