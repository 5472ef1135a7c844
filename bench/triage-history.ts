import { hash } from 'node:crypto';
import type { Draft } from '../events/registry.ts';
import { sampleDraft } from '../test/events/stored-payloads.ts';

export const benchTeams = 8;
const kinds = ['lint', 'lint', 'lint', 'cve', 'test_fail'] as const;
const tools = ['eslint', 'ruff', 'clippy', 'npm-audit', 'pytest'] as const;
const codeSeverities = ['error', 'warn', 'warn', 'info'] as const;
const cveSeverities = ['critical', 'high', 'medium', 'low'] as const;

export const benchProject = (n: number) => `project-${n}`;

/** Projects of several teams, and so many findings spread over them: 60 rules, 300 files a project. */
export function* findingHistory({ projects, findings }: { projects: number; findings: number }): Generator<Draft> {
  for (let n = 0; n < projects; n += 1)
    yield sampleDraft('ProjectRegistered', benchProject(n), {
      name: benchProject(n),
      owner: `team-${n % benchTeams}`,
      // Nobody uses these times: each is one that was missed.
      schedule: { test: '0 3 * * *', lint: '30 4 * * 1-5', timezone: 'Europe/Berlin', catch_up: 'none' },
    });
  for (let n = 0; n < findings; n += 1) yield detected(n, projects);
}

const recipes = ['build', 'test', 'lint', 'audit'] as const;

/** So many runs of each recipe of these projects, one after the other; every seventh fails. */
export function* runHistory({ projects, runs }: { projects: number; runs: number }): Generator<Draft> {
  for (let n = 0; n < projects * recipes.length * runs; n += 1) {
    const job_id = `01jbench${String(n).padStart(18, '0')}`;
    const of = { job_id, project: benchProject(n % projects) };
    const recipe = recipes[Math.floor(n / projects) % recipes.length] ?? 'test';
    const place = { owner: `team-${(n % projects) % benchTeams}`, subproject: `packages/part-${n % 4}`, recipe };
    yield sampleDraft('JobEnqueued', job_id, { ...of, ...place, purpose: 'requested' });
    yield sampleDraft('RecipeStarted', job_id, of);
    yield sampleDraft('RecipeExited', job_id, { ...of, reason: 'exited', exit_code: n % 7 === 0 ? 1 : 0 });
    const read = { total: 0, new: 0, passed: n % 7 !== 0, on_default_branch: true, reading: 1 };
    yield sampleDraft('FindingsParsed', job_id, { ...of, ...read });
  }
}

function detected(n: number, projects: number): Draft<'FindingDetected'> {
  const identity = hash('sha256', `finding ${n}`, 'hex').slice(0, 32);
  // Spread by a prime: neighbours in the log are not neighbours in anything else.
  const at = (n * 7919) % 1_000_003;
  const which = at % kinds.length;
  const kind = kinds[which] ?? 'lint';
  const sample = sampleDraft('FindingDetected', identity);
  const severity = kind === 'cve' ? cveSeverities[at % 4] : codeSeverities[at % 4];
  return {
    ...sample,
    data: {
      ...sample.data,
      identity,
      project: benchProject(at % projects),
      subproject: `packages/part-${at % 4}`,
      recipe: kind === 'cve' ? 'audit' : kind === 'lint' ? 'lint' : 'test',
      on_default_branch: true,
      finding: {
        ...sample.data.finding,
        kind,
        severity: severity ?? 'error',
        tool: tools[which] ?? 'eslint',
        code: `rule-${at % 60}`,
        file: `packages/part-${at % 4}/src/folder-${at % 20}/file-${at % 300}.ts`,
        line: 1 + (at % 900),
        message: `The value ${at} is not what rule ${at % 60} expects of a name such as thing_${at % 977}.`,
        fixed_version: kind === 'cve' && at % 2 === 0 ? '2.0.1' : null,
        edits: [],
      },
    },
  };
}
