import type { Static } from '@sinclair/typebox';
import type { Share } from '../../events/jobs/measured.ts';
import type { Schedule } from '../../events/projects/project.ts';

/**
 * How urgent a finding is, most urgent first; its place in this list is its rank.
 * The words are `<kind> <severity>`, or the kind alone for any other severity of it.
 */
export const urgency = [
  'cve critical',
  'cve high',
  'test_fail',
  'recipe_fail',
  'cve medium',
  'lint error',
  'cve low',
  'cve',
  'lint warn',
  'lint',
] as const;

/** Ranks of known vulnerabilities. */
export const cveRanks: readonly number[] = urgency.flatMap((word, rank) => (word.startsWith('cve') ? [rank] : []));

/** The rank of a kind and severity. */
export function rankOf(kind: string, severity: string): number {
  const exact = urgency.indexOf(`${kind} ${severity}` as (typeof urgency)[number]);
  if (exact >= 0) return exact;
  const loose = urgency.indexOf(kind as (typeof urgency)[number]);
  return loose >= 0 ? loose : urgency.length - 1;
}

/** A job that has ended, as it was when its log had been read. `seq` is that of its FindingsParsed. */
export type DigestJob = {
  seq: number;
  run_seq: number;
  /** The sequence of its FindingsParsed before this one, when its log was read again; else 0. */
  since: number;
  job_id: string;
  subproject: string;
  recipe: string;
  branch: string;
  on_default: 0 | 1;
  outcome: 'passed' | 'failed' | 'cancelled';
  reason: string;
  exit_code: number | null;
  duration_ms: number;
  findings: number;
  /** How many of them stood there when the recipe was looked at first. */
  baseline?: number;
  /** What ran of the code; absent where no report said so. */
  coverage?: Share;
  /** Why less ran than must. */
  uncovered?: string | null;
  warnings: number;
  cves: number;
  not_observed: string | null;
  /** What it changed: `[opens, rank, count]`, with opens 1 or 0. */
  tally: [number, number, number][];
};

/** What is shown of a finding; texts are those of tools, cut to a bounded length. */
export type DigestFinding = {
  id: number;
  kind: string;
  severity: string;
  tool: string;
  code: string | null;
  file: string | null;
  line: number | null;
  message: string;
  /** Other tools that said the same when it was found. */
  also?: string[];
  package: string | null;
  fixed_version: string | null;
  subproject: string;
  recipe: string;
};

/** How many findings of a recipe and rank became open (`opens` 1) or stopped being open. */
export type DigestTally = { opens: 0 | 1; recipe: string; rank: number; count: number };

/** What happened to a patch attempt. */
export type DigestPatch = {
  seq: number;
  patch_id: string;
  what: 'drafted' | 'pushed' | 'opened' | 'merged' | 'closed' | 'superseded' | 'failed' | 'waiting' | 'approved';
  title: string;
  url: string | null;
  number: number | null;
  /** The finding that it is to mend, as it was seen first. */
  finding?: DigestFinding | null;
};

/** A slot of a schedule that was used, and how many before it were not. */
export type DigestSlot = { seq: number; recipe: string; slot: string; missed: number };

/** What a project wanted at a time. */
export type DigestSettings = {
  time: string;
  on: string[];
  email_count: number;
  schedule: Static<typeof Schedule>;
  enabled: boolean;
  /** Another name than the log knows it by. */
  called?: string;
};

/** That a project's digest of a date is due, and what became of it. */
export type DigestDueDoc = {
  date: string;
  project: string;
  from_seq: number;
  to_seq: number;
  seq: number;
  time: string;
  /** Why nothing is sent, or null. */
  skipped: string | null;
};

/** A mail to one recipient. `sending`: handed to the relay, and nothing is known yet. */
export type DigestMailDoc = {
  date: string;
  recipient: string;
  projects: string[];
  message_id: string;
  status: 'sending' | 'sent' | 'failed';
  attempt: number;
  permanent: boolean;
  reason: string | null;
  first_at: string;
  updated_at: string;
};
