import { recipesFile } from '../../../events/projects/project.ts';
import type { EventData } from '../../../events/registry.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { pagePath, pageUrl } from '../../floor/page-paths.ts';
import { counted } from '../../floor/text/counted.ts';
import { escapedLine, oneLine } from '../../floor/text/escape-text.ts';
import { environmentWords } from '../../jobs/rules/cause-words.ts';
import type { JobBrief } from './brief.ts';
import type { Notice } from './notice-body.ts';

/** One line for people: words as they are, and where to look. Nothing in `words` is safe in any format yet. */
export type NoticeLine = {
  readonly project: string;
  readonly words: string;
  readonly links: readonly { readonly title: string; readonly url: string }[];
  /** What is listed below the line, one thing each. */
  readonly items: readonly { readonly words: string; readonly url: string | null }[];
};

export type LineFacts = {
  readonly publicUrl: string | null;
  readonly job: JobDoc | null;
  readonly brief?: JobBrief | null;
};

const longest = 400;

/** Says an event in a line. */
export function lineOf(notice: Notice, { publicUrl, job, brief = null }: LineFacts): NoticeLine {
  const data = notice.data as Record<string, unknown>;
  const words =
    notice.type === 'ping'
      ? 'crafting-table says hello'
      : (jobWords(notice, job, brief) ?? patchWords(notice) ?? plainWords(notice.type, data));
  const items = (brief?.top ?? []).map((one) => itemOf(one, publicUrl));
  return { project: notice.project, words: escapedLine(words, longest), links: linksOf(data, publicUrl), items };
}

/** What became of a job, in words. */
export function resultOf(job: JobDoc): string {
  const counts = [
    `${counted(job.findings_count, 'finding')}`,
    job.new_findings_count > 0 ? `${job.new_findings_count} new` : '',
    job.baseline_findings_count > 0 ? `${job.baseline_findings_count} known since this first look` : '',
    job.resolved_findings_count > 0 ? `${job.resolved_findings_count} fixed` : '',
    job.tests && job.tests.failed > 0 ? `${job.tests.failed} of ${job.tests.executed} tests failed` : '',
    job.failure?.kind === 'coverage' ? (job.failure.detail ?? '') : coverageWords(job),
  ];
  if (job.failure?.cause === 'environment') {
    const again = job.retry_at === null ? '' : `; it is tried again at ${job.retry_at.slice(11, 16)} UTC`;
    return `says nothing about the code: ${environmentWords(job.failure)}${again}`;
  }
  const how = job.status === 'failed' && job.reason && job.reason !== 'exited' ? `failed (${job.reason})` : job.status;
  return `${how}: ${counts.filter(Boolean).join(', ')}`;
}

/** `coverage 81.2 %, 60 % of changed lines` */
function coverageWords({ coverage }: JobDoc): string {
  if (!coverage || coverage.percent === null) return '';
  const { percent, changed } = coverage;
  const lately = changed === null || changed.total === 0 ? '' : `, ${oneDigit(changed.percent)} % of changed lines`;
  return `coverage ${oneDigit(percent)} %${lately}`;
}

const oneDigit = (percent: number) => String(Math.floor(percent * 10) / 10);

function itemOf(one: JobBrief['top'][number], publicUrl: string | null) {
  const { id, back, severity, tool, code, file, line, message } = one;
  const place = file === null ? '' : ` ${file}${line === null ? '' : `:${line}`}`;
  const words = escapedLine(
    `${back ? 'back: ' : ''}${severity} ${tool}${code === null ? '' : ` ${code}`}${place} ${message}`,
    240,
  );
  return { words, url: id === 0 ? null : pageUrl(publicUrl, pagePath.finding(id)) };
}

const severityOrder = ['critical', 'high', 'error', 'medium', 'warn', 'low', 'info'];

/** What a job brought, and whether all is well again. What is known already is not counted. */
function briefWords(job: JobDoc, { new: fresh, back, by_severity: counts }: JobBrief): string {
  if (job.failure?.cause === 'environment') return resultOf(job);
  const shown = severityOrder.flatMap((word) => (counts[word] ? [`${counts[word]} ${word}`] : []));
  const parts = [
    fresh > 0 ? `${fresh} new (${shown.join(', ')})` : '',
    back > 0 ? `${back} came back` : '',
    job.baseline_findings_count > 0 ? `${job.baseline_findings_count} known since this first look` : '',
    job.resolved_findings_count > 0 ? `${job.resolved_findings_count} fixed` : '',
    job.tests && job.tests.failed > 0 ? `${job.tests.failed} of ${job.tests.executed} tests failed` : '',
    job.status === 'failed' && fresh + back === 0 ? (job.failure?.detail ?? job.reason ?? '') : '',
  ].filter(Boolean);
  const well = job.status === 'succeeded' && fresh + back === 0 && job.baseline_findings_count === 0;
  // The commit failed before: nothing was mended by running it again.
  const again = job.rerun_of ? ', run again on the same commit' : '';
  return `${well ? `is well${again}` : job.status}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

function jobWords({ type }: Notice, job: JobDoc | null, brief: JobBrief | null): string | null {
  if (!job) return null;
  const where = job.subproject === '.' ? '' : ` in ${job.subproject}`;
  const on = ` on ${oneLine(job.branch, 60)}`;
  if (type === 'FindingsParsed') return `${job.recipe}${where}${on} ${brief ? briefWords(job, brief) : resultOf(job)}`;
  return ['JobEnqueued', 'RecipeStarted', 'RecipeExited'].includes(type) ? `${type}: ${job.recipe}${where}${on}` : null;
}

/** What a person has to do something about, and that it is done. */
function patchWords({ type, data }: Notice): string | null {
  if (type === 'RepositoryRecipesRefused') {
    const { sha, faults } = data as EventData<'RepositoryRecipesRefused'>;
    const [first] = faults;
    const why = first ? oneLine(`${first.path} ${first.message}`.trim(), 200) : '';
    const more = faults.length > 1 ? `, and ${faults.length - 1} more` : '';
    return `the recipes stay as they were: ${recipesFile} of ${sha.slice(0, 12)} cannot be taken: ${why}${more}`;
  }
  if (type === 'ForgeCredentialRefused') {
    const { used, repository, detail } = data as EventData<'ForgeCredentialRefused'>;
    return `patches wait: the ${used}'s credential for ${oneLine(repository, 120)} is not taken any more. ${oneLine(detail, 160)}`;
  }
  if (type === 'ForgeCredentialAccepted') return 'patches go on: the credential is taken again';
  if (type !== 'PatchApprovalRequested') return null;
  const { title, patch_id, expires_at } = data as EventData<'PatchApprovalRequested'>;
  const until = `${expires_at.slice(0, 16).replace('T', ' ')} UTC`;
  return `attempt ${patch_id} waits for your approval until ${until}: ${oneLine(title, 160)}`;
}

/** The fields by which people recognise what an event is about, in this order. */
const shownFields = ['title', 'reason', 'branch', 'number', 'patch_id', 'recipe', 'slot', 'date', 'detail'];

function plainWords(type: string, data: Record<string, unknown>): string {
  if (type === 'FarmTroubled') return `the farm is in trouble: ${String(data.reason)}`;
  if (type === 'FarmRecovered') return `the farm is well again: ${String(data.reason)}`;
  const finding = data.finding;
  if (typeof finding === 'object' && finding !== null) {
    const { severity, code, message, file } = finding as Record<string, unknown>;
    return [type, severity, code, file, message].filter((part) => typeof part === 'string').join(' ');
  }
  const said = shownFields.flatMap((name) => {
    const value = data[name];
    return typeof value === 'string' || typeof value === 'number' ? [oneLine(String(value), 160)] : [];
  });
  return [type, ...said.slice(0, 3)].join(' — ');
}

function linksOf(data: Record<string, unknown>, publicUrl: string | null) {
  const links: { title: string; url: string }[] = [];
  const { url, number, job_id: jobId, patch_id: patchId } = data;
  const web = typeof url === 'string' ? URL.parse(url) : null;
  if (web && /^https?:$/.test(web.protocol) && typeof number === 'number')
    links.push({ title: `#${number}`, url: web.href });
  const pages = [
    ['job', typeof jobId === 'string' ? pageUrl(publicUrl, pagePath.job(jobId)) : null],
    ['patch', typeof patchId === 'string' ? pageUrl(publicUrl, pagePath.patch(patchId)) : null],
  ] as const;
  return [...links, ...pages.flatMap(([title, page]) => (page === null ? [] : [{ title, url: page }]))];
}
