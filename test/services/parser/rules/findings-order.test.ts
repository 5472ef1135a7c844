import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Observation } from '../../../../events/finding.ts';
import { compareFindings, type KnownFinding, type Run } from '../../../../services/parser/rules/compare-findings.ts';
import { identifyFindings } from '../../../../services/parser/rules/identify-findings.ts';

const place = { project: 'shop', subproject: '.', recipe: 'lint' };
const facts = { sourceLine: () => undefined, earlierPaths: () => [], seenIn: () => undefined };

function lint(code: string): Observation {
  return {
    ...{ kind: 'lint', severity: 'warn', tool: 'eslint', tool_severity: null, tool_code: code, file: 'a.js', line: 1 },
    ...{ column: null, end_line: null, code, message: code, suggested_fix: null, fingerprint: '0123456789abcdef' },
    ...{
      package: null,
      installed_version: null,
      fixed_version: null,
      aliases: [],
      url: null,
      edits: [],
      raw_json: '{}',
    },
  } as Observation;
}

/** Runs are asked for in the order of the list, each on a commit, of which the higher ones are newer. */
type Planned = { codes: readonly string[]; complete: boolean; commit?: number };

function isNewer(own: number, other: number, runs: readonly Planned[]): boolean {
  const between = (runs[own]?.commit ?? 0) - (runs[other]?.commit ?? 0);
  return between > 0 || (between === 0 && own > other);
}

/** Reads runs in some order and answers which findings are open in the end: what a fold over the events would hold. */
function standAfter(runs: readonly Planned[], order: readonly number[], times = 1): Record<string, string> {
  const known = new Map<string, { -readonly [K in keyof KnownFinding]: KnownFinding[K] }>();
  const names = new Map<string, string>();
  let proven = 0;
  for (const index of order.flatMap((one) => Array.from({ length: times }, () => one))) {
    const { codes, complete } = runs[index] as Planned;
    const seq = index + 1;
    const run: Run = {
      jobId: `job-${seq}`,
      seq,
      reread: false,
      endedAt: '2026-01-01T00:00:00.000Z',
      offBranch: null,
      completeTools: new Set(complete ? ['eslint'] : []),
      succeeded: false,
      unproven: null,
    };
    const seen = identifyFindings(codes.map(lint), place, facts);
    const open = [...known.values()].filter(({ state }) => state === 'open');
    const result = compareFindings(seen, run, {
      known: (identity) => known.get(identity),
      open,
      provenRun: () => proven,
      provenRuns: proven === 0 ? [] : [proven],
      newerThan: (other) => other === 0 || isNewer(index, other - 1, runs),
      hasLine: () => true,
      executedToo: () => false,
      doubt: () => null,
    });
    for (const { identity, observation, opens } of result.detected) {
      names.set(identity, observation.code ?? '');
      if (known.has(identity)) continue;
      known.set(identity, {
        ...{ id: known.size + 1, identity, kind: 'lint', tool: 'eslint', firstSeenJob: run.jobId },
        state: opens ? 'open' : 'not_observed',
        ...{ seenRun: seq, goneRun: 0, suppressedUntil: null },
      });
    }
    for (const { identity } of seen) {
      const one = known.get(identity);
      if (one && (one.seenRun === 0 || isNewer(index, one.seenRun - 1, runs))) one.seenRun = seq;
    }
    for (const identity of result.reopened) Object.assign(known.get(identity) ?? {}, { state: 'open' });
    for (const identity of result.resolved)
      Object.assign(known.get(identity) ?? {}, { state: 'resolved', goneRun: seq });
    if (complete && result.current('eslint')) proven = seq;
  }
  const isOpen = ({ state }: KnownFinding) => (state === 'open' ? 'open' : 'gone');
  return Object.fromEntries([...known].map(([identity, one]) => [names.get(identity) ?? '', isOpen(one)]).sort());
}

const plan = { codes: fc.subarray(['a', 'b', 'c', 'd']), complete: fc.boolean(), commit: fc.nat(3) };
const plans = fc.array(fc.record(plan), {
  minLength: 1,
  maxLength: 7,
});

test('the order in which jobs are read does not matter to what is open in the end', () => {
  const planAndOrder = plans.chain((runs) =>
    fc.tuple(fc.constant(runs), fc.shuffledSubarray([...runs.keys()], { minLength: runs.length })),
  );
  fc.assert(
    fc.property(planAndOrder, ([runs, order]) => {
      assert.deepEqual(standAfter(runs, order), standAfter(runs, [...runs.keys()]));
    }),
    { numRuns: 2000 },
  );
});

test('reading the same job twice changes nothing', () => {
  fc.assert(
    fc.property(plans, (runs) => {
      assert.deepEqual(standAfter(runs, [...runs.keys()], 2), standAfter(runs, [...runs.keys()]));
    }),
    { numRuns: 500 },
  );
});

test('a finding is open exactly while the newest run that saw it is newer than the newest complete one that did not', () => {
  fc.assert(
    fc.property(plans, (runs) => {
      const expected: Record<string, string> = {};
      for (const code of ['a', 'b', 'c', 'd']) {
        const inOrder = [...runs.keys()]
          .sort((a, b) => (isNewer(a, b, runs) ? 1 : -1))
          .map((at) => runs[at] as Planned);
        const saw = inOrder.findLastIndex(({ codes }) => codes.includes(code));
        const missed = inOrder.findLastIndex(({ codes, complete }) => complete && !codes.includes(code));
        if (saw >= 0) expected[code] = saw > missed ? 'open' : 'gone';
      }
      assert.deepEqual(standAfter(runs, [...runs.keys()]), expected);
    }),
    { numRuns: 1000 },
  );
});
