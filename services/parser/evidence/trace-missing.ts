import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { CommitChanges } from '../../io/git/patches/commit-changes.ts';
import { type Place, placesOf, readSource, silencersAt } from '../rules/doubt/standing-line.ts';
import type { Identified } from '../rules/identify-findings.ts';
import { baseName, type Home, within } from '../rules/path-pairs.ts';
import { lineTracer } from '../rules/trace-lines.ts';
import { type Lines, linesIn, readTexts } from './commit-texts.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';

/** Files in which lines that went are looked for. */
const mostTraced = 400;

/** Findings that were last seen at one commit; null where that is not known. */
export type Group = { readonly since: string | null; readonly docs: readonly FindingDoc[]; readonly sha: string };

export type Compared = {
  readonly change: CommitChanges | undefined;
  readonly home: Home;
  readonly linesNow: Lines;
  readonly linesThen: Lines;
  /** Places, as file and line, that findings which were seen at later commits went to. */
  readonly taken: Map<string, number>;
};

const nowhere = { into: () => [], now: () => undefined, isCut: false };

/** How often each line of each file is that of a finding which is seen there, or stands there as it did. */
export async function takenPlaces(
  { docs, seen }: { readonly docs: readonly FindingDoc[]; readonly seen: readonly Identified[] },
  scene: Scene,
  deps: EvidenceDeps,
): Promise<Map<string, number>> {
  const taken = new Map<string, number>();
  const take = (file: string, line: string) => taken.set(`${file}\n${line}`, (taken.get(`${file}\n${line}`) ?? 0) + 1);
  for (const { observation, why } of seen)
    if (observation.file !== null && why.parts.line != null) take(observation.file, why.parts.line);
  const files = docs.flatMap(({ kind, file }) => (kind === 'lint' && file !== null ? [file] : []));
  const lines = linesIn(await readTexts(scene.sha ?? '', files, scene, deps));
  for (const { kind, file, why_identity: why } of docs) {
    const [text, line] = [file === null ? null : lines(file), kind === 'lint' ? why?.parts.line : null];
    if (file === null || text == null || line == null) continue;
    if (placesOf(line, readSource(file, text)).length > 0) take(file, line);
  }
  return taken;
}

/** Looks for the lines that files no longer hold in all files that changed: git's pairs of moved files may be crossed. */
export async function traceMissing({ since, docs, sha }: Group, compared: Compared, scene: Scene, deps: EvidenceDeps) {
  const { change, home, linesNow, linesThen, taken } = compared;
  if (since === null || change === undefined) return nowhere;
  const went = docs.filter((doc) => {
    const [file, line] = [doc.file, doc.kind === 'lint' ? doc.why_identity?.parts.line : null];
    if (file === null || line == null || !change.changed.has(file)) return false;
    const count = (lines: readonly string[] | null | undefined) =>
      lines == null ? 0 : placesOf(line, readSource(file, lines)).length;
    return count(linesNow(file)) < count(linesThen(file));
  });
  if (went.length === 0) return nowhere;
  const names = new Set(went.map(({ file }) => baseName(file ?? '')));
  const rank = (path: string) =>
    (names.has(baseName(path)) ? 0 : 2) + ((within(path, home.now) ?? within(path, home.was)) ? 0 : 1);
  const closed = closedSince(went, scene, deps);
  const counts = Map.groupBy(closed, ({ file, why_identity: why }) => `${file}\n${why?.parts.line}`);
  const asked = new Set([...change.changed, ...closed.flatMap(({ file }) => file ?? [])]);
  const byRank = [...asked].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const paths = byRank.slice(0, mostTraced);
  const [now, before] = [await readTexts(sha, paths, scene, deps), await readTexts(since, paths, scene, deps)];
  const open = new Set(went.map(({ file, why_identity: why }) => `${file}\n${why?.parts.line}`));
  const tools = [...new Set(went.map(({ tool }) => tool))];
  const thenLines = linesIn(before);
  // A line of this subproject that was neither found nor silenced is that of a finding which is known elsewhere by now.
  const isFree = (path: string, line: string) => {
    if (within(path, home.was) === null || open.has(`${path}\n${line}`)) return false;
    const source = readSource(path, thenLines(path) ?? []);
    const isSilent = (place: Place) => tools.some((tool) => silencersAt(source, place, { tool, names: [] }).length > 0);
    return !placesOf(line, source).some(isSilent);
  };
  const takenAt = (path: string, line: string) => taken.get(`${path}\n${line}`) ?? 0;
  const texts = {
    paths,
    before: thenLines,
    now: linesIn(now),
    renamed: change.renamed,
    home,
    isFree,
    closed: (path: string, line: string) => counts.get(`${path}\n${line}`)?.length ?? 0,
    taken: takenAt,
  };
  const trace = lineTracer(texts);
  for (const { file, why_identity: why } of went) {
    const line = why?.parts.line ?? '';
    for (const to of trace(file ?? '', line)) taken.set(`${to}\n${line}`, (taken.get(`${to}\n${line}`) ?? 0) + 1);
  }
  return {
    into: (file: string, line: string | null) => (line === null ? [] : trace(file, line)),
    now: texts.now,
    isCut: byRank.length > paths.length,
  };
}

/** Findings on the lines of others that were closed after those were seen last: their places may be taken by now. */
function closedSince(went: readonly FindingDoc[], { place }: Scene, deps: EvidenceDeps): FindingDoc[] {
  const run = Math.min(...went.map((doc) => doc.last_seen_run));
  const lines = new Set(went.map(({ why_identity: why }) => why?.parts.line));
  const closed = deps.query().findings.closedSince(place, run);
  return closed.filter((doc) => doc.resolved_run > run && lines.has(doc.why_identity?.parts.line));
}
