import type { Observation } from '../../../events/finding.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import type { CommitChanges } from '../../../services/io/git/patches/commit-changes.ts';
import { gatherEvidence } from '../../../services/parser/evidence/evidence.ts';
import type { EvidenceDeps } from '../../../services/parser/evidence/evidence-scene.ts';
import { compareFindings, type KnownFinding } from '../../../services/parser/rules/compare-findings.ts';
import { variablesOf } from '../../../services/parser/rules/doubt/environment-change.ts';

export type Tree = Readonly<Record<string, string>>;

const rootPlace = { project: 'shop', subproject: '.', recipe: 'lint' };

type Kept = { doc: FindingDoc; state: 'open' | 'resolved'; goneRun: number };

/**
 * A farm without a log and without git: runs of one recipe of one tool on commits that are given as trees, read as the
 * parser reads them.
 */
export function silentFarm(tool: string) {
  const commits: Tree[] = [];
  const kept = new Map<string, Kept>();
  const jobs: (JobDoc & { seq: number })[] = [];
  const saw = new Map<string, Set<number>>();
  const provenOf = new Map<string, number>();
  /** How files that are gone and files that are new are paired where several could be: as git may do. */
  let pairing = 0;
  const treeOf = (sha: string) => commits[Number(sha)] ?? {};
  const open = () => [...kept.values()].filter(({ state }) => state === 'open').map(({ doc }) => doc);
  const deps = {
    workspaces: {
      listFiles: async (_remote: unknown, sha: string) => Object.keys(treeOf(sha)),
      readBlobs: async (_remote: unknown, sha: string, paths: readonly string[]) =>
        new Map(
          paths.flatMap((path) =>
            treeOf(sha)[path] === undefined ? [] : [[path, Buffer.from(treeOf(sha)[path] ?? '')]],
          ),
        ),
      readChanges: async (_remote: unknown, from: string, to: string) => changesOf(treeOf(from), treeOf(to), pairing),
    },
    logger: { warn: () => {} },
    query: () => ({
      findings: {
        lookedForOf: (_project: string, subproject: string) => open().filter((doc) => doc.subproject === subproject),
        closedSince: ({ subproject }: typeof rootPlace) =>
          [...kept.values()].flatMap(({ doc, state, goneRun }) =>
            state === 'resolved' && doc.subproject === subproject ? [{ ...doc, resolved_run: goneRun }] : [],
          ),
        known: (identity: string) => kept.get(identity)?.doc,
        movedInto: (_project: string, file: string) => [
          ...new Set(
            [...kept.values()].flatMap(({ doc }) => {
              const origin = doc.why_identity?.parts['path'];
              return doc.file === file && origin && origin !== file ? [origin] : [];
            }),
          ),
        ],
        originOf: (_project: string, subproject: string) => subproject,
      },
      jobs: {
        find: (id: string) => ({ doc: JSON.stringify(jobs.find(({ job_id }) => job_id === id)) }),
        between: ({ subproject }: FindingDoc, [after, before]: readonly [number, number], limit: number) =>
          jobs
            .filter((job) => job.subproject === subproject && job.seq > after && job.seq < before)
            .reverse()
            .slice(0, limit),
        firstBetween: ({ subproject }: FindingDoc, [after, before]: readonly [number, number], limit: number) =>
          jobs.filter((job) => job.subproject === subproject && job.seq > after && job.seq < before).slice(0, limit),
        commitOfJob: (id: string) => jobs.find(({ job_id }) => job_id === id)?.sha ?? null,
      },
      occurrences: { saw: (job: string, id: number) => saw.get(job)?.has(id) ?? false },
    }),
  } as unknown as EvidenceDeps;

  return {
    /** Runs the recipe on a tree; what it shows is given. */
    async run(
      tree: Tree,
      command: string,
      shown: readonly Observation[],
      isComplete = true,
      subproject = '.',
      env: Readonly<Record<string, string>> = {},
    ): Promise<void> {
      const place = { ...rootPlace, subproject };
      const proven = provenOf.get(subproject) ?? 0;
      const mine = () => open().filter((doc) => doc.subproject === subproject);
      const sha = String(commits.push(tree) - 1);
      const seq = jobs.length + 1;
      const job_id = `job-${seq}`;
      const recipe_snapshot = { subproject: { env } };
      const scene = { place, seq, command, variables: variablesOf({ env }, 'lint'), remote: { url: '' }, sha };
      const { seen, doubt } = await gatherEvidence(shown, scene, deps);
      const known = (identity: string): KnownFinding | undefined => {
        const one = kept.get(identity);
        if (!one) return undefined;
        const { id, kind, first_seen_job: firstSeenJob, last_seen_run: seenRun } = one.doc;
        return {
          id,
          identity,
          kind,
          tool,
          state: one.state,
          firstSeenJob,
          seenRun,
          goneRun: one.goneRun,
          suppressedUntil: null,
        };
      };
      const result = compareFindings(
        seen,
        {
          ...{ jobId: job_id, seq, reread: false, endedAt: '2026-01-01T00:00:00.000Z', offBranch: null },
          ...{ completeTools: new Set(isComplete ? [tool] : []), succeeded: false, unproven: null },
        },
        {
          ...{ known, open: mine().flatMap(({ identity }) => known(identity) ?? []), provenRun: () => proven, doubt },
          ...{ provenRuns: proven === 0 ? [] : [proven], newerThan: (other) => other < seq },
          ...{ hasLine: () => true, executedToo: () => false },
        },
      );
      for (const { identity, observation, why } of result.detected) {
        const doc = {
          ...observation,
          ...place,
          identity,
          why_identity: why,
          id: kept.size + 1,
          first_seen_job: job_id,
        };
        kept.set(identity, {
          doc: { ...doc, last_seen_job: job_id, last_seen_run: seq } as FindingDoc,
          state: 'open',
          goneRun: 0,
        });
      }
      for (const { identity, observation } of seen)
        Object.assign(kept.get(identity)?.doc ?? {}, {
          ...{ last_seen_job: job_id, last_seen_run: seq },
          ...{ file: observation.file, line: observation.line },
        });
      for (const identity of result.reopened) Object.assign(kept.get(identity) ?? {}, { state: 'open' });
      for (const identity of result.resolved)
        Object.assign(kept.get(identity) ?? {}, { state: 'resolved', goneRun: seq });
      if (isComplete && result.notObservedCount === 0) provenOf.set(subproject, seq);
      saw.set(job_id, new Set(seen.flatMap(({ identity }) => kept.get(identity)?.doc.id ?? [])));
      const tools = [{ tool, parser: tool, complete: isComplete, findings: seen.length }];
      jobs.push({ seq, job_id, sha, command, tools, recipe_snapshot, ...place } as unknown as JobDoc & { seq: number });
    },
    pairBy: (seed: number) => {
      pairing = seed;
    },
    /** A subproject has another path: its findings go along, as when its project is told. */
    rename: (from: string, to: string) => {
      for (const { doc } of kept.values()) if (doc.subproject === from) doc.subproject = to;
    },
    /** All findings that were ever seen, with the text of their lines. */
    findings: () =>
      [...kept.values()].map(({ doc, state }) => ({
        state,
        subproject: doc.subproject,
        code: doc.code,
        file: doc.file,
        line: doc.why_identity?.parts['line'] ?? null,
      })),
  };
}

function changesOf(from: Tree, to: Tree, pairing: number): CommitChanges {
  const paths = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  const added = paths.filter((path) => from[path] === undefined);
  const removed = paths.filter((path) => to[path] === undefined);
  const renamed = new Map<string, string>();
  if (pairing > 0) {
    const left = [...removed];
    for (const [at, path] of added.entries()) {
      const like = left.filter((one) => areAlike(from[one] ?? '', to[path] ?? ''));
      const old = like[(pairing * (at + 7)) % Math.max(1, like.length)];
      if (old === undefined) continue;
      renamed.set(path, old);
      left.splice(left.indexOf(old), 1);
    }
  }
  const old = new Set(renamed.values());
  return {
    changed: new Set(paths.filter((path) => from[path] !== to[path])),
    renamed,
    added: new Set(added.filter((path) => !renamed.has(path))),
    removed: new Set(removed.filter((path) => !old.has(path))),
  };
}

/** At least half of the lines are the same. */
function areAlike(one: string, other: string): boolean {
  const lines = other.split('\n');
  const own = one.split('\n');
  return own.filter((line) => lines.includes(line)).length * 2 >= Math.max(own.length, lines.length);
}
