import type { Observation } from '../../../../events/finding.ts';
import type { Evidence, PatchDraftedData } from '../../../../events/patches/patch.ts';
import { pagePath, pageUrl } from '../../../floor/page-paths.ts';
import { code } from '../../../floor/text/escape-text.ts';
import { secretScanner } from '../policy/secret-in-patch.ts';

/** A finding that an attempt is to mend. */
export type TextFinding = Pick<
  Observation,
  'kind' | 'severity' | 'tool' | 'code' | 'file' | 'line' | 'message' | 'url' | 'package'
> &
  Pick<Observation, 'installed_version' | 'fixed_version'> & { readonly id: number; readonly identity: string };

/** What is known of an attempt. Times are ISO 8601. */
export type ProvenanceFacts = {
  /** `url`: where people reach it, null when it is not known; then ids stand for links. */
  readonly farm: { readonly version: string; readonly url: string | null };
  readonly patchId: string;
  readonly project: string;
  readonly subproject: string;
  readonly recipe: string;
  readonly base: { readonly branch: string; readonly sha: string };
  readonly findings: readonly TextFinding[];
  readonly draft: Pick<PatchDraftedData, 'method' | 'cost'>;
  /** Null before it was verified. */
  readonly evidence: Evidence | null;
  /** Null when no agent took part. */
  readonly agent: { readonly adapter: string; readonly model: string | null } | null;
  /** Who wanted it pushed, and which diff that was; null where nobody had to be asked. */
  readonly approval?: { readonly by: string; readonly at: string; readonly digest: string } | null;
  /** Who looked for secrets; null: our own rules alone. */
  readonly secretsBy?: string | null;
  readonly startedAt: string;
  readonly finishedAt: string;
};

const shownIdentities = 5;

/** The end of everything that is posted: where it comes from. Not to be configured away. */
export function provenanceFooter(facts: ProvenanceFacts): string {
  const { farm, base, draft, evidence, agent } = facts;
  const jobs = evidence && `${jobLink(evidence.before_job, farm.url)}, ${jobLink(evidence.after_job, farm.url)}`;
  const rows: [string, string | null][] = [
    ['farm', `crafting-table ${code(farm.version, 64)}`],
    ['project', code(facts.project)],
    ['subproject and recipe', `${code(facts.subproject)} ${code(facts.recipe)}`],
    [facts.findings.length === 1 ? 'finding' : 'findings', identitiesOf(facts.findings)],
    ['attempt', code(facts.patchId)],
    ['base', `${code(base.branch, 255)} at ${code(base.sha)}`],
    ['jobs', jobs],
    ['method', code(draft.method)],
    ['agent', agent && `${code(agent.adapter, 32)}, model ${code(agent.model ?? 'not named', 128)}`],
    ['turns', draft.cost.turns === 0 ? null : String(draft.cost.turns)],
    ['started', code(facts.startedAt, 40)],
    ['duration', durationText(Date.parse(facts.finishedAt) - Date.parse(facts.startedAt))],
    ['approved before the push', approvalText(facts.approval)],
    ['secrets looked for by', facts.secretsBy ?? secretScanner],
    ['exit codes', evidence && `${exitText(evidence.exit_before)} before, ${exitText(evidence.exit_after)} after`],
  ];
  const lines = rows.filter(([, value]) => value !== null).map(([name, value]) => `| ${name} | ${value} |`);
  return [
    '<details><summary>Provenance</summary>',
    '',
    '| what | value |',
    '|---|---|',
    ...lines,
    '',
    'crafting-table never merges: people do.',
    '',
    '</details>',
  ].join('\n');
}

/** A job by its id, with a link when it is known where the farm is. */
export function jobLink(id: string, farmUrl: string | null): string {
  const url = farmUrl === null ? null : URL.parse(pageUrl(farmUrl, pagePath.job(id)) ?? '');
  return url === null ? code(id) : `[${code(id)}](<${url.href}>)`;
}

/** A number of milliseconds, in words; a dash when it is not known. */
export function durationText(ms: number | null): string {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return '—';
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 60) return `${minutes} min ${Math.floor((ms % 60_000) / 1000)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function exitText(exit: number | null): string {
  return exit === null ? '—' : String(exit);
}

function approvalText(approval: ProvenanceFacts['approval']): string | null {
  if (!approval) return null;
  return `by ${code(approval.by, 128)} at ${code(approval.at, 40)}, the diff with SHA-256 ${code(approval.digest)}`;
}

function identitiesOf(findings: readonly TextFinding[]): string {
  const shown = findings.slice(0, shownIdentities).map(({ identity }) => code(identity));
  const more = findings.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
}
