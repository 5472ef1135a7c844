import type { Occurrence } from '../../events/finding.ts';
import { rankOf } from '../../projections/digest-rows.ts';
import type { Queries } from '../projector/read-models.ts';
import type { JobBrief } from './rules/brief.ts';

const mostListed = 5;
const mostLookedAt = 5_000;

/** What a job brought that nobody knew: how many of each severity, and the gravest ones. What is suppressed is left out. */
export function briefOf(jobId: string, { occurrences }: Pick<Queries, 'occurrences'>): JobBrief {
  const fresh: Occurrence[] = [];
  for (let after = -1, looked = 0; looked < mostLookedAt; ) {
    const page = occurrences.page(jobId, after, 500);
    fresh.push(...page.flatMap(({ doc, state }) => (doc.is_new && state !== 'suppressed' ? [doc] : [])));
    const last = page.at(-1);
    if (!last || page.length < 500) break;
    after = last.ordinal;
    looked += page.length;
  }
  const bySeverity: Record<string, number> = {};
  for (const { severity } of fresh) bySeverity[severity] = (bySeverity[severity] ?? 0) + 1;
  const top = fresh
    .sort((a, b) => rankOf(a.kind, a.severity) - rankOf(b.kind, b.severity))
    .slice(0, mostListed)
    .map(({ finding_id, severity, tool, code, file, line, message }) => ({
      id: finding_id,
      severity,
      tool,
      code,
      file,
      line,
      message: message.slice(0, 200),
    }));
  return { new: fresh.length, by_severity: bySeverity, top };
}
