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

/** Chances of one finding, each in [0, 1) and none of them told by another. */
function chancesOf(n: number): { identity: string; chance: (at: number) => number } {
  const bytes = hash('sha256', `finding ${n}`, 'buffer');
  return { identity: bytes.toString('hex').slice(0, 32), chance: (at) => bytes.readUInt16BE(at * 2) / 65_536 };
}

/** One of so many; the first ones far more often, as the rules of a linter are broken. */
const skewed = (chance: number, of: number): number => Math.floor(chance * chance * of);

function detected(n: number, projects: number): Draft<'FindingDetected'> {
  const { identity, chance } = chancesOf(n);
  const at = Math.floor(chance(0) * 1_000);
  // A rule is one of its tool, which is of a kind, and has its severity; projects break some of the rules.
  const project = skewed(chance(1), projects);
  const rule = (project * 7 + skewed(chance(2), 30)) % 60;
  const which = rule % kinds.length;
  const kind = kinds[which] ?? 'lint';
  const part = skewed(chance(3), 4);
  const sample = sampleDraft('FindingDetected', identity);
  const severity = kind === 'cve' ? cveSeverities[Math.floor(chance(4) * 4)] : codeSeverities[rule % 4];
  return {
    ...sample,
    data: {
      ...sample.data,
      identity,
      project: benchProject(project),
      subproject: `packages/part-${part}`,
      recipe: kind === 'cve' ? 'audit' : kind === 'lint' ? 'lint' : 'test',
      on_default_branch: true,
      finding: {
        ...sample.data.finding,
        kind,
        severity: severity ?? 'error',
        tool: tools[which] ?? 'eslint',
        code: `rule-${rule}`,
        file: `packages/part-${part}/src/folder-${Math.floor(chance(5) * 20)}/file-${Math.floor(chance(6) * 300)}.ts`,
        line: 1 + (at % 900),
        message: `The value ${at} is not what rule ${rule} expects of a name such as thing_${Math.floor(chance(7) * 977)}.`,
        fixed_version: kind === 'cve' && chance(8) < 0.5 ? '2.0.1' : null,
        edits: [],
      },
    },
  };
}
