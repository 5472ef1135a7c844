import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projections } from '../projections/registry.ts';
import { openReadStore } from '../services/io/read-store.ts';
import { openApplier } from '../services/projector/apply-events.ts';
import { askFor, type BenchFarm, inFolder, startBenchFarm } from './bench-farm.ts';
import { type Figure, printed, quantile } from './figure.ts';
import { benchProject, findingHistory, runHistory } from './triage-history.ts';

const findings = process.argv.includes('--few-findings') ? 5_000 : 100_000;
const projects = 200;
/** Of each of four recipes of a project. */
const runs = 30;
const rounds = 3;
/** Above every sequence that the farm itself appends to in this benchmark. */
const firstSeq = 1_000_000;

const filters = [
  '',
  '&severity=critical',
  '&severity=error,warn',
  '&kind=cve',
  '&tool=eslint',
  '&rule=rule-7',
  '&rule=rule-7&rule=rule-11',
  '&path=packages/part-1/',
  '&path=packages/part-1/src/folder-5',
  `&project=${benchProject(3)}`,
  `&project=${benchProject(3)},${benchProject(11)}&severity=error`,
  '&subproject=packages/part-2',
  '&q=thing_5',
  '&q=value%20rule',
  '&q=nothing-says-this',
  `&since=${firstSeq + 50_000}`,
  `&new_since=${firstSeq + 90_000}`,
  '&older_than=30',
  '&younger_than=1',
  '&patchable=1',
  '&new=1',
  '&assignee=none',
  '&overdue=1',
];
const facets = '&facets=severity,kind,tool,rule,project,state,subproject,recipe,assignee,patchable,new';
const sorts = ['newest', 'oldest', 'severity', 'last_seen', 'file'];

/**
 * The list of findings with 100,000 open ones of 200 projects: every filter, alone, in every order and with all facets, and the
 * summary and the inbox over all of it, with 30 runs of four recipes and two missed schedules a project; the p95 of single requests, as
 * an admin and as one team, and what the farm computed for each.
 */
export async function run(): Promise<Figure[]> {
  return inFolder(async (dir) => {
    const data = join(dir, 'data');
    mkdirSync(data);
    fill(join(data, 'read-model.db'));
    const farm = await startBenchFarm({ dir: data, withoutGit: true });
    try {
      const { bearer } = await askFor<{ bearer: string }>(farm, 'POST', '/admin/tokens', { name: 'team-3' });
      const paths = filters.flatMap((filter) => [
        ...sorts.map((sort) => `/findings?state=open${filter}&sort=${sort}&limit=50`),
        `/findings?state=open${filter}&limit=1${facets}`,
      ]);
      return [
        ...(await timed(farm, 'filters, orders and facets of', paths, [farm.bearer, bearer])),
        ...(await timed(farm, 'the summary and the inbox over', ['/summary', '/inbox'], [farm.bearer, bearer])),
      ];
    } finally {
      await farm.close();
    }
  });
}

/** Makes the read model that such a history leaves, without the log: the farm then starts at an empty one. */
function fill(file: string): void {
  const store = openReadStore(file, projections, { building: true });
  const applier = openApplier(store, projections);
  let seq = firstSeq;
  for (const draft of histories()) {
    seq += 1;
    const time = new Date(Date.now() - (firstSeq + findings - seq) * 30_000).toISOString();
    const envelope = { seq, eventId: `event-${seq}`, time, source: '/bench' };
    applier.add({ ...draft, ...envelope, entityId: draft.id, causationId: null, correlationId: 'bench', actor: null });
    if (applier.pending() >= 2_000) applier.commit();
  }
  applier.commit();
  store.commit(() => {}, { seq: 0, eventId: '' });
  store.close();
}

function* histories() {
  yield* findingHistory({ projects, findings });
  yield* runHistory({ projects, runs });
}

/** What a process has computed so far, in ms; NaN where the system does not say. */
function computedMs(pid: number): number {
  try {
    const [, , ...fields] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) | /);
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return Number.NaN;
  }
}

async function timed(
  farm: BenchFarm,
  what: string,
  paths: readonly string[],
  bearers: readonly string[],
): Promise<Figure[]> {
  const before = computedMs(farm.pid);
  const times: { path: string; ms: number }[] = [];
  for (let round = 0; round < rounds; round += 1)
    for (const bearer of bearers)
      for (const [at, path] of paths.entries()) {
        // Each request is another one: an answer that is kept would be timed instead.
        const own = path.includes('?') ? `${path}&younger_than=${3_000 + round * 1_000 + at}` : path;
        const begin = performance.now();
        const answer = await farm.ask('GET', path.includes('younger_than') ? path : own, undefined, bearer);
        times.push({ path, ms: performance.now() - begin });
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.body}`);
      }
  const slowest = times.reduce((a, b) => (b.ms > a.ms ? b : a));
  console.log(`triage: ${times.length} requests, slowest ${slowest.ms.toFixed(1)} ms ${slowest.path}`);
  const p95 = {
    what: `${what} ${findings} open findings of ${projects} projects, p95`,
    unit: 'ms',
    ours: quantile(
      times.map(({ ms }) => ms),
      0.95,
    ),
    limit: null,
    target: { atMost: 100 },
  };
  const each = (computedMs(farm.pid) - before) / times.length;
  return [p95, { what: `${what} the same, computed for each`, unit: 'ms', ours: each, limit: null, target: null }];
}

if (import.meta.main) await printed(run);
