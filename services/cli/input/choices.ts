import type { FindingKind, Severity } from '../../../events/finding.ts';
import type { BudgetLevel, BudgetSpan, CutoffPolicy } from '../../../events/work/budget.ts';
import type { FindingState } from '../../../projections/findings/findings.ts';

// Written out, so that a mere --help loads no schema; a word too many does not compile.

export const findingKindWords = ['lint', 'cve', 'test_fail', 'recipe_fail'] as const satisfies readonly FindingKind[];

export const severityWords = [
  'critical',
  'high',
  'medium',
  'low',
  'error',
  'warn',
  'info',
] as const satisfies readonly Severity[];

export const findingStateWords = [
  'open',
  'resolved',
  'suppressed',
  'not_observed',
  'unwatched',
] as const satisfies readonly FindingState[];

export const budgetLevelWords = [
  'agent',
  'attempt',
  'project',
  'owner',
  'farm',
] as const satisfies readonly BudgetLevel[];

export const budgetSpanWords = ['attempt', 'day', 'month'] as const satisfies readonly BudgetSpan[];

export const cutoffPolicyWords = ['cutoff', 'freeze', 'kill'] as const satisfies readonly CutoffPolicy[];
