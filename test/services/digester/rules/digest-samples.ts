import { type DigestFinding, type DigestJob, rankOf } from '../../../../projections/digests/digest-rows.ts';
import type { ProjectFacts } from '../../../../services/digester/rules/digest-facts.ts';

/** A job that passed, with some facts changed. */
export function job(changes: Partial<DigestJob> = {}): DigestJob {
  return {
    seq: 10,
    run_seq: 1,
    since: 0,
    job_id: '01k9v5h3z8q4m7n2p6r1s0t5wx',
    subproject: 'clients/python',
    recipe: 'audit',
    branch: 'main',
    on_default: 1,
    outcome: 'passed',
    reason: 'exited',
    exit_code: 0,
    duration_ms: 72_000,
    findings: 0,
    warnings: 0,
    cves: 0,
    not_observed: null,
    tally: [],
    ...changes,
  };
}

export const failed = { outcome: 'failed', exit_code: 1 } as const;

export function finding(changes: Partial<DigestFinding> = {}): DigestFinding {
  return {
    id: 1,
    kind: 'lint',
    severity: 'warn',
    tool: 'ruff',
    code: 'F401',
    file: 'src/app.py',
    line: 3,
    message: '`os` imported but unused',
    package: null,
    fixed_version: null,
    subproject: 'clients/python',
    recipe: 'lint',
    ...changes,
  };
}

const cve = { kind: 'cve', tool: 'pip-audit', recipe: 'audit', file: 'clients/python/requirements.txt', line: null };

/** What is tallied of these findings. */
export function changed(opened: readonly DigestFinding[], closed: readonly DigestFinding[] = []) {
  const tally = (opens: 0 | 1) => (one: DigestFinding) =>
    ({ opens, recipe: one.recipe, rank: rankOf(one.kind, one.severity), count: 1 }) as const;
  return { tallies: [...opened.map(tally(1)), ...closed.map(tally(0))], opened, closed };
}

/** A project on which nothing happened. */
export function facts(changes: Partial<ProjectFacts> = {}): ProjectFacts {
  return {
    project: 'clawdforge',
    removed: false,
    on: ['audit_fail', 'cve_found', 'patch_drafted'],
    jobs: [],
    changed: changed([]),
    left: [],
    patches: [],
    openPulls: [],
    unused: [],
    trendOf: () => [],
    ...changes,
  };
}

/** A day on which everything happened. */
export function busyDay(): ProjectFacts {
  return facts({
    on: ['nightly_summary'],
    jobs: [
      job({ ...failed, findings: 4, cves: 2 }),
      job({ ...failed, recipe: 'test', findings: 2, duration_ms: 341_000 }),
      job({ subproject: 'clients/rust', recipe: 'test', duration_ms: 4_212_000 }),
      job({ ...failed, subproject: 'clients/rust', recipe: 'build', exit_code: 101 }),
      job({ recipe: 'lint', findings: 41, warnings: 41, duration_ms: 890 }),
      job({ subproject: 'clients/go', recipe: 'audit', ...failed, exit_code: 127 }),
      job({ subproject: 'clients/swift', recipe: 'test', ...failed, reason: 'orphaned', exit_code: -1 }),
      job({ recipe: 'test', branch: 'feature/new-parser', on_default: 0 }),
    ],
    changed: changed(
      [
        finding({
          ...cve,
          severity: 'critical',
          code: 'GHSA-9hjg-9r4m-mvj7',
          package: 'requests',
          fixed_version: '2.32.4',
          message: 'Requests leaks .netrc credentials to a third party through maliciously crafted URLs',
        }),
        finding({
          ...cve,
          severity: 'high',
          code: 'PYSEC-2026-17',
          package: 'urllib3',
          fixed_version: '2.5.0',
          message: 'Redirects are followed although they were switched off',
        }),
        finding({
          kind: 'test_fail',
          severity: 'error',
          recipe: 'test',
          tool: 'pytest',
          code: null,
          file: 'tests/test_session_store.py',
          line: 88,
          message: 'test_session_expires_after_idle_timeout[postgres]',
        }),
        finding({
          kind: 'test_fail',
          severity: 'error',
          recipe: 'test',
          tool: 'pytest',
          code: null,
          file: 'tests/test_upload.py',
          line: 12,
          message: 'test_upload_resumes',
        }),
        finding(),
        finding({ line: 18, code: 'E722', message: 'Do not use bare `except`' }),
      ],
      [
        finding({ ...cve, severity: 'low', code: 'PYSEC-2025-3', package: 'jinja2' }),
        finding({ line: 77 }),
        finding({ line: 91 }),
      ],
    ),
    patches: [
      { seq: 1, patch_id: '7-1', what: 'drafted', title: 'Bump requests to 2.32.4', url: null, number: null },
      {
        seq: 2,
        patch_id: '6-1',
        what: 'merged',
        title: 'Remove unused imports',
        url: 'https://git.example.org/coop/clawdforge/pulls/41',
        number: 41,
      },
    ],
    openPulls: [
      {
        seq: 3,
        patch_id: '5-1',
        what: 'opened',
        title: 'Bump urllib3 to 2.5.0',
        url: 'https://git.example.org/coop/clawdforge/pulls/43',
        number: 43,
      },
    ],
    unused: [{ recipe: 'audit', count: 2, last: '2026-04-29T03:00:00.000Z' }],
    trendOf: () =>
      [3, 5, 4, 8, 8, 12].map((findings, at) => ({
        seq: at + 1,
        findings,
        duration_ms: 60_000 + at * 4_000,
        covered: null,
        coverable: null,
      })),
  });
}
