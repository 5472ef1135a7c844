import type { Occurrence } from '../../../../events/finding.ts';
import type { RunFailure, TestCounts } from '../../../../events/jobs/job.ts';
import type { Evidence } from '../../../../events/patches/patch.ts';
import { counted } from '../../../floor/text/counted.ts';
import type { TestReport } from '../../../jobs/rules/test-report.ts';

/** What a run of a recipe showed. */
export type PatchedRun = {
  readonly jobId: string;
  readonly command: string;
  readonly reason: string | null;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  readonly tests: TestCounts | null;
  readonly tools: readonly { readonly tool: string; readonly complete: boolean }[];
  readonly occurrences: readonly Occurrence[];
  /** What the runner says of a job that it could not run, why a job failed, and how it was shut in. */
  readonly detail?: string | null;
  readonly failure?: RunFailure | null;
  readonly sandbox?: string | null;
  /** What the runners of its tests said on a channel of their own. */
  readonly report?: TestReport | null;
};

type Comparison = {
  /** Null when the patched tree is better; else why it is not, a stable word and a sentence. */
  readonly failure: { readonly reason: string; readonly detail: string } | null;
  readonly evidence: Evidence;
};

type Facts = {
  readonly before: PatchedRun;
  readonly after: PatchedRun;
  /** Identities of the findings that were to be mended. */
  readonly targets: readonly string[];
  /** New path -> old path of files that the patch moved. */
  readonly renamed: ReadonlyMap<string, string>;
  /** The identities of findings that differ from this one in their ordinal alone, this one included. */
  readonly siblings: (identity: string) => ReadonlySet<string>;
};

/**
 * Compares two runs as sets: the targets are gone, nothing is new, the exit code is no worse, no fewer tests ran and none
 * newly fails. A finding whose line changed with the patch gets another identity without being another one: so what is
 * left over on both sides is told apart by tool, rule and file, and counted.
 */
export function comparePatched({ before, after, targets, renamed, siblings }: Facts): Comparison {
  const wanted = new Set(targets);
  const idsBefore = new Map(before.occurrences.map((one) => [one.identity, one]));
  const idsAfter = new Map(after.occurrences.map((one) => [one.identity, one]));
  const left = [...idsBefore.values()].filter(({ identity }) => !wanted.has(identity) && !idsAfter.has(identity));
  const room = tally(left.map((one) => classOf(one, new Map())));
  const isGone = (identity: string) => dropped(identity, { idsBefore, idsAfter, wanted, siblings });
  const still = targets.filter((identity) => !isGone(identity));
  const takenByOrdinal = new Set(targets.filter((identity) => idsAfter.has(identity) && isGone(identity)));
  const fresh = [...idsAfter.values()].filter(
    ({ identity }) => (!idsBefore.has(identity) || takenByOrdinal.has(identity)) && !still.includes(identity),
  );
  const appeared = fresh.filter((one) => !take(room, classOf(one, renamed)));
  const evidence: Evidence = {
    before_job: before.jobId,
    after_job: after.jobId,
    command: after.command.slice(0, 8192),
    targets: targets.slice(0, 500).map((identity) => {
      const { code = null, file = null, line = null } = idsBefore.get(identity) ?? {};
      return { identity, code, file, line, gone: isGone(identity) };
    }),
    identities_before: idsBefore.size,
    identities_after: idsAfter.size,
    gone: [...new Set([...targets.filter(isGone), ...left.map(({ identity }) => identity)])].slice(0, 500),
    appeared: appeared
      .slice(0, 50)
      .map(({ tool, code, file, line, message }) => ({ tool, code, file, line, message: message.slice(0, 512) })),
    exit_before: before.exitCode,
    exit_after: after.exitCode,
    tests_before: before.tests,
    tests_after: after.tests,
    duration_before_ms: before.durationMs,
    duration_after_ms: after.durationMs,
  };
  return { failure: whyNot({ before, after, still, appeared, idsBefore }), evidence };
}

type Judging = {
  before: PatchedRun;
  after: PatchedRun;
  still: readonly string[];
  appeared: readonly Occurrence[];
  idsBefore: ReadonlyMap<string, Occurrence>;
};

function whyNot({ before, after, still, appeared, idsBefore }: Judging): Comparison['failure'] {
  const no = (reason: string, detail: string) => ({ reason, detail: detail.slice(0, 8192) });
  if (after.reason !== 'exited')
    return no(`job_${after.reason ?? 'unknown'}`, `The recipe ended by ${after.reason} on the patched tree.`);
  const [newFailing] = appeared.filter(({ kind }) => kind === 'test_fail');
  if (newFailing)
    return no('test_newly_failing', `Newly failing: ${list(appeared.filter(({ kind }) => kind === 'test_fail'))}`);
  if (appeared.length > 0)
    return no('new_findings', `The patched tree has ${counted(appeared.length, 'new finding')}: ${list(appeared)}`);
  if (still.length > 0) {
    const shown = still.flatMap((identity) => idsBefore.get(identity) ?? []);
    return no('still_there', `Still there on the patched tree: ${list(shown)}`);
  }
  const unproven = unprovenTool(before, after);
  if (unproven) return no('not_proven', `${unproven} did not prove that it ran to its end on the patched tree.`);
  const tests = fewerTests(before, after.tests);
  if (tests) return no('fewer_tests', tests);
  const worse = after.exitCode !== 0 && after.exitCode !== before.exitCode;
  return worse
    ? no('exit_code_worse', `The recipe ended with ${after.exitCode}; it was ${before.exitCode} before.`)
    : null;
}

/** Every tool that had its say before must have it, whole, after. */
function unprovenTool(before: PatchedRun, after: PatchedRun): string | null {
  const complete = new Set(after.tools.filter((one) => one.complete).map(({ tool }) => tool));
  return before.tools.find((one) => one.complete && !complete.has(one.tool))?.tool ?? null;
}

/** Tools that count their tests only when one fails; that they ran to their end is proven otherwise. */
const silentWhenClean = new Set(['gradle-test']);

function fewerTests({ tests: before, tools }: PatchedRun, after: TestCounts | null): string | null {
  if (before === null) return null;
  if (after === null && tools.some(({ tool }) => silentWhenClean.has(tool))) return null;
  if (after === null) return `${before.executed} tests were executed before; the patched run does not say how many.`;
  if (after.executed < before.executed) return `${after.executed} tests were executed; ${before.executed} were before.`;
  return after.passed < before.passed ? `${after.passed} tests passed; ${before.passed} did before.` : null;
}

type Sides = {
  idsBefore: ReadonlyMap<string, unknown>;
  idsAfter: ReadonlyMap<string, unknown>;
  wanted: ReadonlySet<string>;
  siblings: Facts['siblings'];
};

/** Of equal lines the last ordinal goes first: so it is counted how many of them are left. */
function dropped(identity: string, { idsBefore, idsAfter, wanted, siblings }: Sides): boolean {
  if (!idsAfter.has(identity)) return true;
  const equal = [...siblings(identity)];
  const count = (side: ReadonlyMap<string, unknown>) => equal.filter((one) => side.has(one)).length;
  const asked = equal.filter((one) => wanted.has(one)).length;
  return count(idsAfter) <= count(idsBefore) - asked;
}

function classOf({ kind, tool, code, file, package: name }: Occurrence, renamed: ReadonlyMap<string, string>): string {
  return JSON.stringify([kind, tool, code, file === null ? null : (renamed.get(file) ?? file), name]);
}

function tally(keys: readonly string[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const key of keys) sums.set(key, (sums.get(key) ?? 0) + 1);
  return sums;
}

function take(room: Map<string, number>, key: string): boolean {
  const free = room.get(key) ?? 0;
  room.set(key, free - 1);
  return free > 0;
}

function list(findings: readonly Occurrence[]): string {
  const shown = findings
    .slice(0, 10)
    .map(
      ({ tool, code, file, line, message }) =>
        `${file ?? ''}${line ? `:${line}` : ''} ${tool} ${code ?? ''}: ${message.slice(0, 200)}`,
    );
  return shown.join('; ') + (findings.length > 10 ? `; and ${findings.length - 10} more` : '');
}
