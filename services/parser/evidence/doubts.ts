import { lookedKey } from '../../../parsers/engine/reading.ts';
import { toolNamed } from '../../../parsers/tools/registry.ts';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { JobDoc } from '../../../projections/jobs/jobs.ts';
import { messageOf } from '../../floor/app-error.ts';
import type { CommitChanges } from '../../io/git/patches/commit-changes.ts';
import {
  type AbsenceFacts,
  doubtAbsence,
  isOwnSettings,
  isSettings,
  sameSettings,
  type Versions,
} from '../rules/doubt/doubt-absence.ts';
import { otherVariables, variablesOf } from '../rules/doubt/environment-change.ts';
import { keptTests, maySkip } from '../rules/doubt/executed-pass.ts';
import { skipsNow } from '../rules/doubt/skipped-tests.ts';
import { isDependencyFile, isUntouched, otherVersion } from '../rules/doubt/unlooked.ts';
import type { Identified } from '../rules/identify-findings.ts';
import { type Home, type PathPairs, pairPaths } from '../rules/path-pairs.ts';
import { mayHide } from '../rules/scripts/hiding-failures.ts';
import { readWork, type Work } from '../work-then.ts';
import { linesIn, readTexts } from './commit-texts.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';
import { type Compared, type Group, takenPlaces, traceMissing } from './trace-missing.ts';

type Missing = {
  readonly docs: readonly FindingDoc[];
  readonly seen: readonly Identified[];
  /** The jobs that saw them last, by id. */
  readonly lastJobs: ReadonlyMap<string, JobDoc | undefined>;
  /** What changed since a commit, by that commit. */
  readonly changes: ReadonlyMap<string, CommitChanges>;
  /** Commits that were not compared this time: there were too many. */
  readonly unasked: ReadonlySet<string>;
};

const noPairs: PathPairs = { oldOf: new Map(), newOf: new Map() };

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
  const taken = await takenPlaces(missing, scene, deps);
  const workOf = await readWork([...groups.values()].flat(), missing.lastJobs, scene, deps);
  // Between later commits less has moved: what they say is surer.
  const lastRun = (docs: readonly FindingDoc[]) => Math.max(...docs.map((doc) => doc.last_seen_run));
  for (const [then, docs] of [...groups].sort((a, b) => lastRun(b[1]) - lastRun(a[1]))) {
    const factsOf = await readFacts({ since: then, docs, sha: scene.sha, taken, workOf }, missing, scene, deps);
    for (const doc of docs) {
      const facts = factsOf(doc);
      const told = firstDoubt(facts);
      const ifDropped = told === null ? facts.map((one) => ({ ...one, dropped: true })) : facts;
      const isDropped =
        told === null && firstDoubt(ifDropped) !== null && (await wasDropped(doc, missing, scene, deps));
      const [first, known] = isDropped ? [firstDoubt(ifDropped), ifDropped] : [told, facts];
      const lasting = first === null ? null : firstDoubt(known.map((one) => ({ ...one, settled: true })));
      const ends = first !== null && lasting === null && (await wasSettled(doc, scene, deps, settled));
      reasons.set(doc.identity, ends ? null : (lasting ?? first));
    }
  }
  return (identity) => reasons.get(identity) ?? null;
}

/** Of a line that may have gone to several places each is asked. */
function firstDoubt(places: readonly AbsenceFacts[]): string | null {
  return places.map(doubtAbsence).find((reason) => reason !== null) ?? null;
}

async function readFacts(
  { since: then, docs, sha, taken, workOf }: Group & Pick<Compared, 'taken'> & { workOf: (doc: FindingDoc) => Work },
  missing: Missing,
  scene: Scene,
  deps: EvidenceDeps,
) {
  const change = then === null ? undefined : missing.changes.get(then);
  const home = homeOf(missing.lastJobs.get(docs[0]?.last_seen_job ?? ''), scene);
  const pairs = change ? pairPaths(change, home) : noPairs;
  const included = await includedIn(docs, change, sha, scene, deps);
  const settings = settingsOf(docs, [...(change?.changed ?? [])], scene, included);
  const files = docs.flatMap((doc) => doc.file ?? locksOf(doc, home));
  const moved = (path: string) => pairs.newOf.get(path) ?? path;
  const old = (path: string) => pairs.oldOf.get(path) ?? path;
  const now = await readTexts(sha, [...files.flatMap((file) => [file, moved(file)]), ...settings], scene, deps);
  const before =
    then === null ? () => undefined : await readTexts(then, [...files, ...settings.map(old), ...settings], scene, deps);
  const [linesNow, linesThen] = [linesIn(now), linesIn(before)];
  const traced = await traceMissing(
    { since: then, docs, sha },
    { change, home, linesNow, linesThen, taken },
    scene,
    deps,
  );
  const shown = new Map<string, number>();
  const onRules = new Set<string>();
  for (const { why, observation: one } of missing.seen) {
    for (const key of [keyOf(why.parts), keyOf({ ...why.parts, at: one.file })])
      shown.set(key, (shown.get(key) ?? 0) + 1);
    if (one.code !== null) onRules.add(JSON.stringify([one.kind, one.tool, one.code]));
  }
  const lookedAt = lookedIn(missing, scene);
  const failed = missing.docs.filter((one) => one.kind === 'test_fail');
  const isBroken = (doc: FindingDoc) => missing.seen.some((one) => isHiding(one, doc, scene, deps));
  const changed = new Set([...(change?.changed ?? [])].filter((path) => !pairs.newOf.has(path)));
  return (doc: FindingDoc): AbsenceFacts[] => {
    const { kind, tool, code, tool_code, aliases, subproject, why_identity: why } = doc;
    const { commandThen, commandNow, isOther: otherWork } = workOf(doc);
    // An audit names its packages: where they are locked is where they have to be gone.
    const lock = doc.file === null ? locksOf(doc, home).find((path) => typeof before(path) === 'string') : undefined;
    const testsThen = missing.lastJobs.get(doc.last_seen_job)?.tests;
    const failedThen = failed.filter((one) => one.last_seen_job === doc.last_seen_job).length;
    const line = kind === 'lint' ? (why?.parts.line ?? null) : null;
    const factsAt = (file: string | null, sameSeen: number): AbsenceFacts => {
      const path = lock === undefined ? file : moved(lock);
      const text = file === null ? null : (traced.now(file) ?? linesNow(file));
      const lines = {
        now: path === null ? null : (traced.now(path) ?? linesNow(path) ?? null),
        before: (lock ?? doc.file) == null ? null : (linesThen(lock ?? doc.file ?? '') ?? null),
      };
      return {
        tool,
        kind,
        names: [code, tool_code, ...aliases].filter((name) => name !== null),
        file,
        was: doc.file,
        looked: lookedAt(tool, file),
        package: doc.package,
        installedVersion: doc.installed_version,
        subproject,
        line,
        linesNow: lines.now,
        linesThen: lines.before,
        unreadable: kind === 'lint' && text === undefined,
        changed,
        uncompared: change === undefined && then !== sha,
        unasked: then !== null && missing.unasked.has(then),
        untraced: traced.isCut,
        versionsOf: (one): Versions => [before(old(one)), now(one)],
        commandThen,
        commandNow,
        otherWork,
        variables: otherVariables(missing.lastJobs.get(doc.last_seen_job), scene.variables),
        sameSeen,
        ...(scene.scripts ? { scripts: scene.scripts } : {}),
        included,
        testsKept: keptTests(testsThen, scene.tests),
        maySkip:
          maySkip(testsThen, scene.tests, failedThen) ||
          (kind === 'test_fail' && tool === 'go-test' && skipsNow(code, lines.before, lines.now)),
        broken: isBroken(doc),
        likely: scene.likely?.has(tool) === true,
        ruleSeen: onRules.has(JSON.stringify([kind, tool, code])),
      };
    };
    const sameSeen = shown.get(keyOf(why?.parts)) ?? 0;
    if (doc.file === null) return [factsAt(null, sameSeen)];
    const into = traced.into(doc.file, line).map((to) => factsAt(to, shown.get(keyOf({ ...why?.parts, at: to })) ?? 0));
    const isGone = linesNow(doc.file) === null;
    if (isGone && into.length > 0) return into;
    // Without a line to look for, its file is where a file of its name and place is now.
    return [factsAt(isGone && line === null ? moved(doc.file) : doc.file, sameSeen), ...into];
  };
}

/** Whether a failure that was not there when a finding was seen may have kept the tool from coming to it. */
function isHiding({ identity, observation: one }: Identified, doc: FindingDoc, scene: Scene, deps: EvidenceDeps) {
  if (!mayHide(one, doc, scene.scripted?.has(doc.tool) === true)) return false;
  const { findings, occurrences } = deps.query();
  const known = findings.known(identity);
  return known === undefined || !occurrences.saw(doc.last_seen_job, known.id);
}

/** Whether a tool named a file as looked at, or told of something in it; null where it does not list such files. */
function lookedIn(
  { seen }: Missing,
  { looked = new Set() }: Scene,
): (tool: string, file: string | null) => boolean | null {
  const told = new Set(seen.map(({ observation: { tool, file } }) => lookedKey(tool, file ?? '')));
  const listing = new Set([...looked].map((one) => one.slice(0, one.indexOf('\n'))));
  return (tool, file) => {
    if (file === null) return null;
    const key = lookedKey(tool, file);
    if (looked.has(key) || told.has(key)) return true;
    // A list that is not whole, or none.
    return listing.has(tool) && !looked.has(lookedKey(tool, '')) ? false : null;
  };
}

/** Parts of an identity without the path under which it was seen first. */
function keyOf(parts: Readonly<Record<string, string | null>> | undefined): string {
  return JSON.stringify(parts !== undefined && 'at' in parts ? { ...parts, path: null } : parts);
}

/** Where the subproject was when its findings were seen, and where it is now. */
function homeOf(lastJob: JobDoc | undefined, { place }: Scene): Home {
  return { was: lastJob?.subproject ?? place.subproject, now: place.subproject };
}

/** The lock files in which the tool may have found an advisory that names no file. */
function locksOf({ kind, tool, subproject }: FindingDoc, { was }: Home): string[] {
  if (kind !== 'cve') return [];
  const names = toolNamed(tool)?.locks ?? [];
  return [...new Set([was, subproject, '.'])].flatMap((folder) =>
    names.map((name) => (folder === '.' ? name : `${folder}/${name}`)),
  );
}

/** Changed files, of which it is asked whether settings take them in, and settings that are read for that. */
const mostIncluded = 40;
const mayBeIncluded =
  /(?:\.(?:toml|ya?ml|jsonc?|json5|ini|cfg|conf|xml|neon|properties|inc|mk|cmake|m4|[cm]?js|[cm]?ts|env|rc)|(?:^|\/)\.?[\w-]+)$/;

/** Changed files that a file of settings names now or named then: `extend` of ruff, `extends` of eslint, `include` of make. */
async function includedIn(
  docs: readonly FindingDoc[],
  change: CommitChanges | undefined,
  sha: string,
  scene: Scene,
  deps: EvidenceDeps,
): Promise<ReadonlySet<string>> {
  const tools = [...new Set(docs.map(({ tool }) => tool))];
  const isOwn = (path: string) => tools.some((tool) => isOwnSettings(tool, path));
  const found = new Set(docs.flatMap(({ file }) => file ?? []));
  const asked = [...(change?.changed ?? [])]
    .filter((path) => mayBeIncluded.test(path) && !found.has(path) && !isOwn(path))
    .slice(0, mostIncluded);
  if (asked.length === 0) return new Set();
  const files = await deps.workspaces.listFiles(scene.remote, sha).catch(() => []);
  const own = files.filter(isOwn).slice(0, mostIncluded);
  const texts = await readTexts(sha, own, scene, deps);
  const all = own.map((path) => texts(path) ?? '').join('\n');
  return new Set(asked.filter((path) => namesFile(all, path)));
}

/** Whether a text names a file by its own name, as a word of its own; its ending may be left out. */
function namesFile(text: string, path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const [bare = name] = /^.{2,}?(?=\.[\w]{1,6}$)/.exec(name) ?? [];
  const isWord = (word: string, before: RegExp) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
      if (before.test(text[at - 1] ?? ' ') && !/[\w.-]/.test(text[at + word.length] ?? ' ')) return true;
    return false;
  };
  return isWord(name, /[\s"'/=:,([]/) || (bare !== name && isWord(bare, /\//));
}

/** What changed of the files that configure the tools, those around the findings first. */
function settingsOf(
  docs: readonly FindingDoc[],
  changed: readonly string[],
  { command, scripts }: Scene,
  included: ReadonlySet<string>,
): string[] {
  const tools = new Map(docs.map(({ tool, subproject }) => [`${tool} ${subproject}`, { tool, subproject }]));
  const read = (path: string) =>
    scripts?.has(path) === true ||
    [...tools.values()].some(({ tool, subproject }) => isSettings(tool, path, command, subproject));
  const isNear = (path: string) => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    return docs.some(({ file, subproject }) => `${file ?? subproject}/`.startsWith(folder));
  };
  const found = changed.filter((path) => read(path) || included.has(path) || isDependencyFile(path));
  return [...found.filter(isNear), ...found.filter((path) => !isNear(path))].slice(0, mostSettings);
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
    if (otherVariables(job, scene.variables).length > 0) continue;
    if (occurrences.saw(job.job_id, doc.id)) continue;
    const key = `${job.sha} ${doc.tool}`;
    const same = known.get(key) ?? (await hadSameSettings(job.sha, doc, scene, deps));
    known.set(key, same);
    if (same) return true;
  }
  return false;
}

/**
 * Whether a complete run since a finding was shown last did not show it, when all that it speaks of, the settings and the command
 * were as they had been: whatever led the tool past its file is not to be seen.
 */
async function wasDropped(doc: FindingDoc, missing: Missing, scene: Scene, deps: EvidenceDeps): Promise<boolean> {
  const { jobs, occurrences } = deps.query();
  const { file, tool, code, tool_code, aliases } = doc;
  const last = missing.lastJobs.get(doc.last_seen_job);
  if (file === null || last?.sha == null) return false;
  const silent = jobs
    .firstBetween(doc, [doc.last_seen_run, scene.seq], mostRuns)
    .find((job) => job.tools.some((one) => one.tool === tool && one.complete) && !occurrences.saw(job.job_id, doc.id));
  if (silent?.sha == null || silent.command !== last.command) return false;
  if (otherVariables(last, variablesOf(silent.recipe_snapshot.subproject, silent.recipe)).length > 0) return false;
  if (silent.sha === last.sha) return true;
  const change = await deps.workspaces.readChanges(scene.remote, last.sha, silent.sha).catch(() => null);
  if (change === null) return false;
  const names = [code, tool_code, ...aliases].filter((name) => name !== null);
  const same = !change.changed.has(file);
  const known = toolNamed(tool);
  if (!isUntouched({ tool: known, names, same, changed: change.changed, file, was: file })) return false;
  const versions = [...change.changed].filter(isDependencyFile).slice(0, mostSettings);
  const [before, after] = await Promise.all([
    readTexts(last.sha, versions, scene, deps),
    readTexts(silent.sha, versions, scene, deps),
  ]);
  if (known !== undefined && versions.some((path) => otherVersion(known, [before(path), after(path)]))) return false;
  return hadSameSettings(last.sha, doc, { ...scene, sha: silent.sha }, deps);
}

async function hadSameSettings(then: string, doc: FindingDoc, scene: Scene, deps: EvidenceDeps): Promise<boolean> {
  const { sha, remote, command } = scene;
  if (sha === null || then === sha) return then === sha;
  try {
    const change = await deps.workspaces.readChanges(remote, then, sha);
    const { oldOf, newOf } = pairPaths(change, { was: doc.subproject, now: doc.subproject });
    const isScript = (path: string) => scene.scripts?.has(path) === true;
    const paths = [...change.changed].filter(
      (path) => isScript(path) || isSettings(doc.tool, path, command, doc.subproject),
    );
    if (paths.length === 0) return true;
    const old = (path: string) => oldOf.get(path) ?? path;
    const before = await readTexts(then, [...new Set([...paths, ...paths.map(old)])], scene, deps);
    const now = await readTexts(sha, paths, scene, deps);
    return paths
      .filter((path) => !newOf.has(path))
      .every((path) => {
        const versions: Versions = [before(old(path)), now(path)];
        return sameSettings(
          { tool: doc.tool, command, subproject: doc.subproject, isScript: isScript(path) },
          path,
          versions,
        );
      });
  } catch (error) {
    deps.logger.warn({ error: messageOf(error) }, 'commits could not be compared, findings that are missing stay open');
    return false;
  }
}
