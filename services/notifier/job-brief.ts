import type { Occurrence } from '../../events/finding.ts';
import { rankOf } from '../../projections/digests/digest-rows.ts';
import type { Queries } from '../projector/read-models.ts';
import type { JobBrief } from './rules/brief.ts';

const mostListed = 5;
const mostLookedAt = 5_000;

/** What a job brought: how much of each severity nobody knew, what came back, and the gravest of both. What is suppressed is left out. */
export function briefOf(
  jobId: string,
  { occurrences, digests, jobs }: Pick<Queries, 'occurrences' | 'digests' | 'jobs'>,
): JobBrief {
  const fresh: Occurrence[] = [];
  const again = digests.openedAgain(jobs.find(jobId)?.seq ?? 0);
  const isBack = ({ is_new, finding_id }: Occurrence) => !is_new && again.has(finding_id);
  for (let after = -1, looked = 0; looked < mostLookedAt; ) {
    const page = occurrences.page(jobId, after, 500);
    fresh.push(
      ...page.flatMap(({ doc, state }) => ((doc.is_new || isBack(doc)) && state !== 'suppressed' ? [doc] : [])),
    );
    const last = page.at(-1);
    if (!last || page.length < 500) break;
    after = last.ordinal;
    looked += page.length;
  }
  const bySeverity: Record<string, number> = {};
  const added = fresh.filter((one) => !isBack(one));
  for (const { severity } of added) bySeverity[severity] = (bySeverity[severity] ?? 0) + 1;
  const top = fresh
    .sort((a, b) => rankOf(a.kind, a.severity) - rankOf(b.kind, b.severity))
    .slice(0, mostListed)
    .map((one) => {
      const { finding_id: id, severity, tool, code, file, line, message } = one;
      return {
        id,
        back: isBack(one),
        severity,
        tool: [tool, ...(one.also ?? []).map((other) => other.tool)].join(' and '),
        code,
        file,
        line,
        message: message.slice(0, 200),
      };
    });
  return { new: added.length, back: fresh.length - added.length, by_severity: bySeverity, top };
}
