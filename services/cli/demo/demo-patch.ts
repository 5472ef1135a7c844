import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { ApiClient } from '../farm/api-client.ts';
import { type DemoAttempt, type DemoPatches, placeAndRule, whyNot } from './demo-patch-report.ts';
import type { ProgressStyle } from './demo-progress.ts';
import { worstFirst } from './demo-report.ts';
import type { DemoRepository } from './demo-repository.ts';

/** A proof takes as long as the run that found it; what takes longer than this is no demo, in ms. */
const longestRun = 30_000;
const mostTries = 3;
/** How long an attempt is waited for, in s. */
const patience = 120;

type Scene = {
  readonly repository: DemoRepository;
  /** The only subproject to look at; null for all. */
  readonly subproject: string | null;
  readonly api: ApiClient;
  readonly style: ProgressStyle;
  readonly say: (line: string) => void;
};

/**
 * The last act of the demo. A run of the recipe proves an edit that a tool itself calls safe. It is pushed to a branch of a
 * repository that is the demo's own. An edit that does not stand the proof is shown too, and the next one is tried.
 */
export async function showPatch({ repository, subproject, api, style, say }: Scene): Promise<DemoPatches> {
  const nothing = (left_out: string): DemoPatches => ({ attempts: [], remote: null, left_out });
  if (repository.leftOut !== null) return nothing(repository.leftOut);
  const found = await api.all<FindingDoc>(`/findings?project=${repository.name}&state=open`, 'findings');
  const here = found.filter((one) => subproject === null || one.subproject === subproject);
  const safe = here.filter(({ kind, file, edits }) => kind === 'lint' && file && edits.some((edit) => edit.safe));
  if (safe.length === 0) return nothing('no tool offers an edit here that it calls safe.');
  const quick = await seenQuickly(safe, api);
  if (quick.length === 0)
    return nothing(`what could be mended was found by runs of over ${longestRun / 1000} s, and a proof takes as long.`);
  const attempts: DemoAttempt[] = [];
  say('');
  for (const finding of oneOfEachRule(quick).slice(0, mostTries)) {
    const attempt = await shown(finding, { api, style, say });
    attempts.push(attempt);
    if (attempt.patch.commit !== null) break;
  }
  return { attempts, remote: repository.gitUrl, left_out: null };
}

async function seenQuickly(findings: readonly FindingDoc[], api: ApiClient): Promise<FindingDoc[]> {
  const ids = [...new Set(findings.map(({ last_seen_job }) => last_seen_job))];
  const jobs = await Promise.all(ids.map((id) => api.get<{ job: JobDoc }>(`/jobs/${id}`)));
  const quick = new Set(
    jobs.filter(({ job }) => (job.duration_ms ?? longestRun) < longestRun).map(({ job }) => job.job_id),
  );
  return findings.filter(({ last_seen_job }) => quick.has(last_seen_job));
}

/** The first of each rule, the worst first. */
function oneOfEachRule(findings: readonly FindingDoc[]): FindingDoc[] {
  const rank = ({ severity }: FindingDoc) => worstFirst.indexOf(severity);
  const byRule = new Map<string, FindingDoc>();
  const inOrder = [...findings].sort(
    (a, b) => rank(a) - rank(b) || compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || a.id - b.id,
  );
  for (const finding of inOrder) {
    const rule = `${finding.tool} ${finding.code}`;
    if (!byRule.has(rule)) byRule.set(rule, finding);
  }
  return [...byRule.values()];
}

function compare(a: string | null, b: string | null): number {
  return (a ?? '') < (b ?? '') ? -1 : Number((a ?? '') > (b ?? ''));
}

async function shown(
  finding: FindingDoc,
  { api, style, say }: Pick<Scene, 'api' | 'style' | 'say'>,
): Promise<DemoAttempt> {
  const title = `mend  ${placeAndRule(finding)}`;
  const work = async (): Promise<DemoAttempt> => {
    const { id, tool, code, file, line, message } = finding;
    const path = `/jobs/${finding.last_seen_job}/patches?wait=${patience}`;
    const { attempt } = await api.post<{ attempt: DemoAttempt['patch'] }>(path, { finding_id: id });
    return { finding: { id, tool, code, file, line, message }, patch: attempt };
  };
  const outcome = ({ patch }: DemoAttempt) =>
    patch.commit === null ? `unproven: ${whyNot(patch, 80)}` : `pushed as ${patch.branch}`;
  if (style === 'lines') {
    say(`  started   ${title}`);
    const attempt = await work();
    say(`  ended     ${title}  ${outcome(attempt)}`);
    return attempt;
  }
  const { Listr } = await import('listr2');
  const made: { attempt?: DemoAttempt } = {};
  const task = async (_: unknown, line: { title: string }) => {
    made.attempt = await work();
    line.title = `${title}  ${outcome(made.attempt)}`;
  };
  await new Listr([{ title, task }], { registerSignalListeners: false }).run();
  if (!made.attempt) throw new Error('the attempt is not known');
  return made.attempt;
}
