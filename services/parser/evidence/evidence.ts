import type { Observation } from '../../../events/finding.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { messageOf } from '../../floor/app-error.ts';
import type { CommitChanges } from '../../io/git/patches/commit-changes.ts';
import { placesOf, readSource } from '../rules/doubt/standing-line.ts';
import { type Identified, identifyFindings } from '../rules/identify-findings.ts';
import { affinity, type Home } from '../rules/path-pairs.ts';
import { gatherDoubts } from './doubts.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';

type Evidence = {
  readonly seen: readonly Identified[];
  /** Open and suppressed findings of the same recipe and subproject, and those of which it was out of the project. */
  readonly open: readonly FindingDoc[];
  readonly doubt: (identity: string) => string | null;
};

/** Files among which those that another file was before are looked for. */
const mostBefore = 50;
/** Commits against which the present one is compared: findings were last seen at few. */
const mostCommits = 48;
const mostFiles = 2_000;

/** Names what was seen, and gathers what speaks for or against what was not, from the sources at the job's commit. */
export async function gatherEvidence(
  observations: readonly Observation[],
  scene: Scene,
  deps: EvidenceDeps,
): Promise<Evidence> {
  const { place } = scene;
  const { findings, jobs } = deps.query();
  const open = findings.lookedForOf(place.project, place.subproject, place.recipe);
  const named = { ...place, subproject: findings.originOf(place.project, place.subproject) };
  const lines = await readLines(observations, open, scene, deps);
  const movedInto = (file: string) => findings.movedInto(place.project, file);
  const seenIn = (identity: string) => findings.known(identity)?.file;
  const identify = (before: (file: string) => readonly string[]) => {
    const earlierPaths = (file: string) => {
      const direct = before(file);
      return [...new Set([...movedInto(file), ...direct.flatMap((path) => [path, ...movedInto(path)])])];
    };
    return identifyFindings(observations, named, {
      sourceLine: (file, line) => lines(file)?.[line - 1],
      earlierPaths,
      seenIn,
      isOwn: (identity) => isWithin(findings.known(identity)?.subproject, place.subproject),
      seenRun: (identity) => findings.known(identity)?.last_seen_run ?? 0,
      holds: (file, line) => {
        const text = lines(file);
        return text !== undefined && placesOf(line, readSource(file, text)).length > 0;
      },
    });
  };
  let seen = identify(() => []);
  const names = new Set(seen.map(({ identity }) => identity));
  const missing = open.filter(({ identity }) => !names.has(identity));
  const strays = scene.isOlder === true ? laterKnown(seen, scene, deps) : [];
  const jobOf = (id: string) => {
    const found = jobs.find(id);
    return found ? (JSON.parse(found.doc) as JobDoc) : undefined;
  };
  const lastJobs = new Map([...missing, ...strays].map(({ last_seen_job }) => [last_seen_job, jobOf(last_seen_job)]));
  const { changes, unasked } = await readChanges([...lastJobs.values()], scene, deps);
  const homeOf = (sha: string) => [...lastJobs.values()].find((job) => job?.sha === sha)?.subproject;
  const before = pathsBefore(
    [...changes].map(([sha, change]) => [change, { was: homeOf(sha) ?? place.subproject, now: place.subproject }]),
    new Set([...missing, ...strays].flatMap(({ file }) => file ?? [])),
  );
  if (changes.size > 0 && seen.some(({ identity }) => seenIn(identity) === undefined)) seen = identify(before);

  const still = new Set(seen.map(({ identity }) => identity));
  const docs = missing.filter(({ identity }) => !still.has(identity));
  return { seen, open, doubt: await gatherDoubts({ docs, seen, lastJobs, changes, unasked }, scene, deps) };
}

/** What runs on newer commits saw of the lines of findings that nobody seems to know: those may have moved since. */
function laterKnown(seen: readonly Identified[], { place }: Scene, { query }: EvidenceDeps): FindingDoc[] {
  const { findings } = query();
  const keyOf = (tool: string, code: string | null, line: string | null | undefined) =>
    line == null ? null : JSON.stringify([tool, code, line]);
  const lines = seen.flatMap(({ identity, observation: { tool, code }, why }) =>
    findings.known(identity)?.file === undefined ? (keyOf(tool, code, why.parts['line']) ?? []) : [],
  );
  if (lines.length === 0) return [];
  const asked = new Set(lines);
  const all = findings.notOpenOf(place.project, place.subproject, place.recipe);
  return all.filter(({ tool, code, why_identity: why }) => asked.has(keyOf(tool, code, why?.parts['line']) ?? ''));
}

/** Whether one subproject is the other, or holds it: then both look at the same files. */
function isWithin(one: string | undefined, other: string): boolean {
  if (one === undefined || one === '.' || other === '.' || one === other) return true;
  return one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

/**
 * Where the findings of a file may have been before, the likeliest first: in any file with missing findings that is gone,
 * or was changed beside a file that is new. Between files of the same content git's pairs of moved files are chance.
 */
function pathsBefore(
  changes: readonly (readonly [CommitChanges, Home])[],
  withMissing: ReadonlySet<string>,
): (file: string) => readonly string[] {
  const known = new Map<string, readonly string[]>();
  const all = changes.map(([change, home]) => ({
    ...{ change, home },
    gone: new Set([...change.removed, ...change.renamed.values()]),
  }));
  const find = (file: string) => {
    const found = new Map<string, number>();
    for (const { change, home, gone } of all) {
      if (!change.changed.has(file)) continue;
      const isNew = change.added.has(file) || change.renamed.has(file);
      for (const path of withMissing) {
        if (path === file || !change.changed.has(path)) continue;
        // What one file lost and another got that was there beside it is not the same finding.
        if (!isNew && !gone.has(path)) continue;
        const score = affinity(path, file, home) + (change.renamed.get(file) === path ? 1 : 0);
        found.set(path, Math.max(score, found.get(path) ?? score));
      }
      // What was closed, and is seen by a run on an older commit, has git's pair alone.
      const paired = change.renamed.get(file);
      if (paired !== undefined && !found.has(paired)) found.set(paired, affinity(paired, file, home) - 50);
    }
    const ranked = [...found].sort((a, b) => b[1] - a[1]);
    return ranked.slice(0, mostBefore).map(([path]) => path);
  };
  return (file) => {
    const before = known.get(file) ?? find(file);
    known.set(file, before);
    return before;
  };
}

/** The lines of the files that are spoken of. What cannot be read is unknown, not empty. */
async function readLines(
  observations: readonly Observation[],
  open: readonly FindingDoc[],
  { remote, sha, diff }: Scene,
  { workspaces, logger }: EvidenceDeps,
) {
  const files = [...observations, ...open].flatMap(({ kind, file, line }) =>
    kind === 'lint' && file && line ? [file] : [],
  );
  const paths = [...new Set(files)].slice(0, mostFiles);
  const unreadable = (error: unknown) => {
    logger.warn({ error: messageOf(error) }, 'sources could not be read, identities fall back to messages');
    return new Map<string, Buffer>();
  };
  const blobs =
    sha === null || paths.length === 0
      ? new Map<string, Buffer>()
      : await workspaces.readBlobs(remote, sha, paths, diff).catch(unreadable);
  const split = new Map<string, string[]>();
  return (file: string): string[] | undefined => {
    const blob = blobs.get(file);
    if (blob && !split.has(file)) split.set(file, blob.toString('utf8').split('\n'));
    return split.get(file);
  };
}

/** What changed between the commits of those jobs and the present one, by the earlier commit. */
async function readChanges(
  jobs: readonly (JobDoc | undefined)[],
  { remote, sha, seq }: Scene,
  { workspaces, logger }: EvidenceDeps,
) {
  const changes = new Map<string, CommitChanges>();
  if (sha === null) return { changes, unasked: new Set<string>() };
  const all = [...new Set(jobs.flatMap((job) => job?.sha ?? []))].filter((commit) => commit !== sha);
  // Where there are more, each run asks of others.
  const from = all.length > mostCommits ? (seq * mostCommits) % all.length : 0;
  const commits = [...all.slice(from), ...all.slice(0, from)].slice(0, mostCommits);
  for (const commit of commits) {
    try {
      changes.set(commit, await workspaces.readChanges(remote, commit, sha));
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'commits could not be compared, moved files count as new');
    }
  }
  return { changes, unasked: new Set(all.filter((commit) => !commits.includes(commit))) };
}
