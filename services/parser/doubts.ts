import { toolNamed } from '../../parsers/tools/registry.ts';
import type { FindingDoc } from '../../projections/findings.ts';
import type { JobDoc } from '../../projections/jobs.ts';
import { messageOf } from '../floor/app-error.ts';
import type { CommitChanges } from '../io/git/patches/commit-changes.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';
import { type AbsenceFacts, doubtAbsence, isSettings, sameSettings, type Versions } from './rules/doubt-absence.ts';
import type { Identified } from './rules/identify-findings.ts';

export type Missing = {
  readonly docs: readonly FindingDoc[];
  readonly seen: readonly Identified[];
  /** The jobs that saw them last, by id. */
  readonly lastJobs: ReadonlyMap<string, JobDoc | undefined>;
  /** What changed since a commit, by that commit. */
  readonly changes: ReadonlyMap<string, CommitChanges>;
};

type Text = (path: string) => string | null | undefined;

/** Files of settings that are read of one pair of commits. */
const mostSettings = 60;
/** Earlier runs that are asked whether they had the same settings. */
const mostRuns = 6;

/** Gathers what speaks for or against that findings are gone which a run no longer shows. */
export async function gatherDoubts(
  missing: Missing,
  scene: Scene,
  deps: EvidenceDeps,
): Promise<(identity: string) => string | null> {
  const reasons = new Map<string, string | null>();
  // What was tried on a draft says nothing about the project.
  if (scene.sha === null || scene.diff !== undefined) return () => null;
  const groups = new Map<string | null, FindingDoc[]>();
  for (const doc of missing.docs) {
    if (doc.kind === 'recipe_fail') continue;
    const then = missing.lastJobs.get(doc.last_seen_job)?.sha ?? null;
    groups.set(then, [...(groups.get(then) ?? []), doc]);
  }
  const settled = new Map<string, boolean>();
  for (const [then, docs] of groups) {
    const factsOf = await readFacts({ then, docs, sha: scene.sha }, missing, scene, deps);
    for (const doc of docs) {
      const facts = factsOf(doc);
      const first = doubtAbsence(facts);
      const lasting = first === null ? null : doubtAbsence({ ...facts, settled: true });
      const ends = first !== null && lasting === null && (await wasSettled(doc, scene, deps, settled));
      reasons.set(doc.identity, ends ? null : (lasting ?? first));
    }
  }
  return (identity) => reasons.get(identity) ?? null;
}

/** Findings that were last seen at one commit; null where that is not known. */
type Group = { readonly then: string | null; readonly docs: readonly FindingDoc[]; readonly sha: string };

async function readFacts({ then, docs, sha }: Group, missing: Missing, scene: Scene, deps: EvidenceDeps) {
  const change = then === null ? undefined : missing.changes.get(then);
  const settings = settingsOf(docs, [...(change?.changed ?? [])], scene);
  const moved = new Map([...(change?.renamed ?? [])].map(([now, old]) => [old, now]));
  const files = docs.flatMap((doc) => doc.file ?? locksOf(doc));
  const now = await readTexts(sha, [...files.map((file) => moved.get(file) ?? file), ...settings], scene, deps);
  const before = then === null ? () => undefined : await readTexts(then, [...files, ...settings], scene, deps);
  const [linesNow, linesThen] = [linesIn(now), linesIn(before)];
  const shown = new Map<string, number>();
  const onRules = new Set<string>();
  for (const { why, observation: one } of missing.seen) {
    const parts = JSON.stringify(why.parts);
    shown.set(parts, (shown.get(parts) ?? 0) + 1);
    if (one.code !== null) onRules.add(JSON.stringify([one.kind, one.tool, one.code]));
  }
  return (doc: FindingDoc): AbsenceFacts => {
    const { kind, tool, code, tool_code, aliases, subproject, why_identity: why } = doc;
    const file = doc.file === null ? null : (moved.get(doc.file) ?? doc.file);
    // An audit names its packages: where they are locked is where they have to be gone.
    const lock = doc.file === null ? locksOf(doc).find((path) => typeof before(path) === 'string') : undefined;
    const text = file === null ? null : now(file);
    return {
      tool,
      kind,
      names: [code, tool_code, ...aliases].filter((name) => name !== null),
      file,
      package: doc.package,
      installedVersion: doc.installed_version,
      subproject,
      line: kind === 'lint' ? (why?.parts['line'] ?? null) : null,
      linesNow: (lock ?? file) == null ? null : linesNow(lock ?? file ?? ''),
      linesThen: (lock ?? doc.file) == null ? null : linesThen(lock ?? doc.file ?? ''),
      unreadable: kind === 'lint' && text === undefined,
      changed: change?.changed ?? new Set(),
      uncompared: change === undefined && then !== sha,
      versionsOf: (path): Versions => [before(path), now(path)],
      commandThen: missing.lastJobs.get(doc.last_seen_job)?.command ?? scene.command,
      commandNow: scene.command,
      sameSeen: shown.get(JSON.stringify(why?.parts)) ?? 0,
      ruleSeen: onRules.has(JSON.stringify([kind, tool, code])),
    };
  };
}

/** The lock files in which the tool may have found an advisory that names no file. */
function locksOf({ kind, tool, subproject }: FindingDoc): string[] {
  if (kind !== 'cve') return [];
  const names = toolNamed(tool)?.locks ?? [];
  return [...new Set([subproject, '.'])].flatMap((folder) =>
    names.map((name) => (folder === '.' ? name : `${folder}/${name}`)),
  );
}

/** The lines of texts, each taken apart once. */
function linesIn(textOf: Text): (path: string) => readonly string[] | null {
  const known = new Map<string, readonly string[] | null>();
  return (path) => {
    if (!known.has(path)) known.set(path, textOf(path)?.split('\n') ?? null);
    return known.get(path) ?? null;
  };
}

function settingsOf(docs: readonly FindingDoc[], changed: readonly string[], { command }: Scene): string[] {
  const tools = new Map(docs.map(({ tool, subproject }) => [`${tool} ${subproject}`, { tool, subproject }]));
  const read = (path: string) =>
    [...tools.values()].some(({ tool, subproject }) => isSettings(tool, path, command, subproject));
  return changed.filter(read).slice(0, mostSettings);
}

/** The texts of a commit. What is not there is null, what could not be read undefined. */
async function readTexts(
  sha: string,
  paths: readonly string[],
  { remote }: Scene,
  { workspaces, logger }: EvidenceDeps,
): Promise<Text> {
  const asked = new Set(paths);
  if (asked.size === 0) return () => undefined;
  try {
    const blobs = await workspaces.readBlobs(remote, sha, [...asked]);
    return (path) => (asked.has(path) ? (blobs.get(path)?.toString('utf8') ?? null) : undefined);
  } catch (error) {
    logger.warn({ error: messageOf(error) }, 'sources could not be read, findings that are missing stay open');
    return () => undefined;
  }
}

/** Whether an earlier complete run with the settings of this one did not show the finding either. */
async function wasSettled(
  doc: FindingDoc,
  scene: Scene,
  deps: EvidenceDeps,
  known: Map<string, boolean>,
): Promise<boolean> {
  const { jobs, occurrences } = deps.query();
  for (const job of jobs.between(doc, [doc.last_seen_run, scene.seq], mostRuns)) {
    const isComplete = job.tools.some(({ tool, complete }) => tool === doc.tool && complete);
    if (!isComplete || job.sha === null || job.command !== scene.command) continue;
    if (occurrences.saw(job.job_id, doc.id)) continue;
    const key = `${job.sha} ${doc.tool}`;
    const same = known.get(key) ?? (await hadSameSettings(job.sha, doc, scene, deps));
    known.set(key, same);
    if (same) return true;
  }
  return false;
}

async function hadSameSettings(then: string, doc: FindingDoc, scene: Scene, deps: EvidenceDeps): Promise<boolean> {
  const { sha, remote, command } = scene;
  if (sha === null || then === sha) return then === sha;
  try {
    const { changed } = await deps.workspaces.readChanges(remote, then, sha);
    const paths = [...changed].filter((path) => isSettings(doc.tool, path, command, doc.subproject));
    if (paths.length === 0) return true;
    const [before, now] = [await readTexts(then, paths, scene, deps), await readTexts(sha, paths, scene, deps)];
    return paths.every((path) => sameSettings(doc.tool, path, command, doc.subproject, [before(path), now(path)]));
  } catch (error) {
    deps.logger.warn({ error: messageOf(error) }, 'commits could not be compared, findings that are missing stay open');
    return false;
  }
}
