import { type LocalResult, passesHere } from './run-recipe-here.ts';

const grave = new Set(['critical', 'high', 'error']);

/**
 * 1 when a run fails over the findings that count, by identity, else 0. A run that failed over nothing but others is not
 * held against who did not cause them. Where a subproject says by `fail_on` what fails, that alone does.
 */
export function localExitCode(results: readonly LocalResult[], counting: ReadonlySet<string>): 0 | 1 {
  const failed = results.some(({ run, job, findings, isUncovered }) => {
    const own = findings.filter(({ identity }) => counting.has(identity));
    const excused = findings.length > 0 && own.length === 0;
    if (excused) return false;
    const { reason, exit_code: exitCode, tools } = job;
    if (isUncovered) return true;
    if (run.failOn !== undefined) return !passesHere(run, { reason, exitCode, findings: own, tools });
    return job.status !== 'succeeded' || own.some(({ severity }) => grave.has(severity));
  });
  return failed ? 1 : 0;
}
