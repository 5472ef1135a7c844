import type { Topics } from '../../../projections/digests/digest-queries.ts';
import type { DigestJob } from '../../../projections/digests/digest-rows.ts';

/** What a `notify.on` word means of a job that has ended. `patch_drafted` is not said of jobs. */
const fires: Readonly<Record<string, (job: DigestJob) => boolean>> = {
  audit_pass: ({ recipe, outcome }) => recipe === 'audit' && outcome === 'passed',
  audit_fail: ({ recipe, outcome }) => recipe === 'audit' && outcome === 'failed',
  test_fail: ({ recipe, outcome }) => recipe === 'test' && outcome === 'failed',
  lint_warn: ({ recipe, warnings }) => recipe === 'lint' && warnings > 0,
  cve_found: ({ cves }) => cves > 0,
  nightly_summary: () => true,
};

const recipesOf: Readonly<Record<string, readonly string[]>> = {
  audit_pass: ['audit'],
  audit_fail: ['audit'],
  test_fail: ['test'],
  lint_warn: ['lint'],
  nightly_summary: ['build', 'test', 'lint', 'audit'],
};

/** The jobs of which somebody wants to know. */
export function jobsToTell(jobs: readonly DigestJob[], on: readonly string[]): DigestJob[] {
  return jobs.filter((job) => on.some((word) => fires[word]?.(job)));
}

/** The findings that belong to what somebody wants to know. */
export function topicsOf(on: readonly string[]): Topics {
  return { recipes: [...new Set(on.flatMap((word) => recipesOf[word] ?? []))], cves: on.includes('cve_found') };
}

export function wantsPatches(on: readonly string[]): boolean {
  return on.includes('patch_drafted') || on.includes('nightly_summary');
}
