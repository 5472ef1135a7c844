import type { Severity } from '../../events/finding.ts';
import type { Draft } from '../define.ts';
import { type CvssSeverity, cvssSeverity, scoreSeverity } from './cvss-severity.ts';

const words: Readonly<Record<string, CvssSeverity>> = {
  critical: 'critical',
  important: 'high',
  high: 'high',
  moderate: 'medium',
  medium: 'medium',
  low: 'low',
  negligible: 'info',
  minimal: 'info',
  none: 'info',
  info: 'info',
  informational: 'info',
};

/** What a scanner may say about how bad an advisory is, in the order in which it counts. */
type Ratings = {
  readonly word?: string | null;
  readonly vectors?: readonly string[];
  readonly scores?: readonly number[];
};

/** The tool's word, else the worst of its vectors, else of its scores, else `high`, so that none is overlooked. */
export function advisorySeverity({ word, vectors = [], scores = [] }: Ratings): Severity {
  const byWord = words[word?.toLowerCase() ?? ''];
  if (byWord !== undefined) return byWord;
  return worst(vectors.map(cvssSeverity)) ?? worst(scores.map(scoreSeverity)) ?? 'high';
}

const order = ['critical', 'high', 'medium', 'low', 'info'] as const;

function worst(all: readonly (CvssSeverity | null)[]): CvssSeverity | null {
  return order.find((one) => all.includes(one)) ?? null;
}

/** `bump a to 1.2`, where both are known. */
export function bump(name: string | null, fixed: string | null): Pick<Draft, 'suggested_fix'> {
  return { suggested_fix: name !== null && fixed !== null ? `bump ${name} to ${fixed}` : null };
}
