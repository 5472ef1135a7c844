import { createHash } from 'node:crypto';
import type { Observation, WhyIdentity } from '../../../events/finding.ts';
import { sameRules } from '../../../parsers/tools/same-rules.ts';
import { foldObservations } from './fold-observations.ts';
import { baseName } from './path-pairs.ts';

/** Raised when the rules below change: identities of different versions are never compared. */
export const identityVersion = 1;

export type Identified = { readonly observation: Observation; readonly identity: string; readonly why: WhyIdentity };

export type Place = { readonly project: string; readonly subproject: string; readonly recipe: string };

type IdentityFacts = {
  /** The text of a line of the job's commit, or undefined when it is not known. */
  readonly sourceLine: (file: string, line: number) => string | undefined;
  /** Earlier paths of a file: under them the findings in it may be known. */
  readonly earlierPaths: (file: string) => readonly string[];
  /** The file in which a finding was last seen; undefined for one that is not known. */
  readonly seenIn: (identity: string) => string | null | undefined;
  /** Whether a finding is of the same subproject: files of one content move in others, too. */
  readonly isOwn?: (identity: string) => boolean;
  /** The newest run that saw a finding; 0 where that is not known. */
  readonly seenRun?: (identity: string) => number;
  /** Whether a file holds a line, whatever comment is behind it: then a finding in it did not go elsewhere. */
  readonly holds?: (file: string, line: string) => boolean;
};

type Parts = Readonly<Record<string, string | null>>;

/**
 * Says which observations are sightings of the same finding. The key of a lint finding is its tool, code, path and the
 * text of its line, so moved lines do not make new findings; equal keys are told apart by the order in which they come,
 * so two equal lines in one file stay two findings; and a file that was moved keeps its findings.
 */
export function identifyFindings(
  observations: readonly Observation[],
  place: Place,
  facts: IdentityFacts,
): Identified[] {
  const seen = new Map<string, number>();
  const used = new Set<string>();
  const keyed = (observation: Observation): Keyed => {
    const parts = partsOf(observation, place, facts);
    const key = JSON.stringify(parts);
    const ordinal = seen.get(key) ?? 0;
    seen.set(key, ordinal + 1);
    return { observation, parts, ordinal };
  };
  return foldObservations(inStableOrder(observations)).flatMap((told) => {
    const all = told.map(keyed).map((one) => {
      const found = identify(one, place, { facts, used });
      return { one, found, isKnown: facts.seenIn(found.identity) !== undefined };
    });
    // What is known apart stays apart: nothing is closed because another tool says the same.
    const known = all.filter(({ isKnown }) => isKnown);
    const [first = all[0], ...apart] = known;
    if (first === undefined) return [];
    const found = first.isKnown ? first.found : (underOtherNames(all, place, { facts, used }) ?? first.found);
    const others = all.filter((each) => each !== first && !apart.includes(each));
    const also = others.map(({ one: { observation } }) => ({ tool: observation.tool, code: observation.code }));
    const { observation } = first.one;
    used.add(found.identity);
    const shown = also.length === 0 ? observation : { ...observation, also: also.slice(0, mostAlso) };
    return [
      { observation: shown, ...found },
      ...apart.map((each) => {
        used.add(each.found.identity);
        return { observation: each.one.observation, ...each.found };
      }),
    ];
  });
}

const mostAlso = 8;

/** The known finding that another tool told of: what says it now is not what said it first. */
function underOtherNames(
  told: readonly { readonly one: Keyed }[],
  place: Place,
  scope: { facts: IdentityFacts; used: ReadonlySet<string> },
) {
  for (const { one } of told) {
    for (const parts of otherParts(one)) {
      const found = identify({ ...one, parts }, place, scope);
      if (scope.facts.seenIn(found.identity) !== undefined) return found;
    }
  }
  return undefined;
}

function otherParts({ observation, parts }: Keyed): Parts[] {
  const { kind, tool, code, aliases, file } = observation;
  if (kind === 'lint') return sameRules(tool, code ?? '').map((rule) => ({ ...parts, tool: rule[0], code: rule[1] }));
  if (kind !== 'cve') return [];
  const paths = file === null ? [null] : [file, null];
  return [code, ...aliases].flatMap((advisory) => paths.map((path) => ({ ...parts, advisory, path })));
}

type Keyed = { readonly observation: Observation; readonly parts: Parts; readonly ordinal: number };

/** The known finding that this is, under the present path or an earlier one; else a key that nobody has. */
function identify(
  { observation, parts, ordinal }: Keyed,
  { project }: Place,
  { facts, used }: { facts: IdentityFacts; used: ReadonlySet<string> },
) {
  const { kind, file } = observation;
  const keyOf = (path: string | null, n: number) => {
    const own = 'path' in parts ? { ...parts, path } : parts;
    return { identity: hash([identityVersion, project, kind, own, n]), why: { parts: own, ordinal: n } };
  };
  const free = ({ identity }: { identity: string }) => !used.has(identity);
  if (file === null || !('path' in parts)) return nextFree(keyOf, file, ordinal, free);
  const text = parts['line'];
  const stays = (path: string) => path !== file && text != null && facts.holds?.(path, text) === true;
  const earlier = facts.earlierPaths(file).filter((path) => !stays(path));
  const candidates = [file, ...earlier].map((path) => keyOf(path, ordinal)).filter(free);
  const here = candidates.find(({ identity }) => facts.seenIn(identity) === file);
  const moves = candidates
    .slice(candidates[0]?.why.parts['path'] === file ? 1 : 0)
    .filter(({ identity }) => earlier.includes(facts.seenIn(identity) ?? '') && (facts.isOwn?.(identity) ?? true));
  const moved = likeliest(moves, file, facts);
  // A key of this path that is known elsewhere went there with a file that was moved: this one is another finding.
  return (
    here ??
    moved ??
    nextFree(
      keyOf,
      file,
      ordinal,
      (one) => free(one) && [undefined, file].includes(facts.seenIn(one.identity) ?? undefined),
    )
  );
}

/** Of several findings that it may be the one in a file of its name, else the one that was missed for the shortest time. */
function likeliest<T extends { readonly identity: string }>(
  moves: readonly T[],
  file: string,
  { seenIn, seenRun = () => 0 }: IdentityFacts,
): T | undefined {
  const [first] = moves;
  if (first === undefined || baseName(seenIn(first.identity) ?? '') === baseName(file)) return first;
  return moves.reduce((best, one) => (seenRun(one.identity) > seenRun(best.identity) ? one : best), first);
}

/** The identities of the first so many findings with the same key: they differ in their ordinal alone. */
export function equalIdentities(
  project: string,
  { kind, parts }: { kind: Observation['kind']; parts: Parts },
  count: number,
): Set<string> {
  return new Set(Array.from({ length: count }, (_, n) => hash([identityVersion, project, kind, parts, n])));
}

function nextFree<T>(
  keyOf: (path: string | null, n: number) => T,
  path: string | null,
  from: number,
  free: (key: T) => boolean,
): T {
  for (let n = from; ; n += 1) {
    const key = keyOf(path, n);
    if (free(key)) return key;
  }
}

function hash(key: unknown): string {
  return createHash('sha256').update(JSON.stringify(key)).digest('hex').slice(0, 32);
}

/** By place: tools may print in any order, and the ordinal must not depend on it. */
function inStableOrder(observations: readonly Observation[]): Observation[] {
  const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
  return [...observations].sort(
    (a, b) =>
      compare(a.file ?? '', b.file ?? '') ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compare(a.code ?? '', b.code ?? ''),
  );
}

function partsOf(observation: Observation, { subproject, recipe }: Place, { sourceLine }: IdentityFacts): Parts {
  const { kind, tool, code, file, line, message, package: name } = observation;
  switch (kind) {
    case 'lint': {
      const source = file && line ? sourceLine(file, line) : undefined;
      return {
        tool,
        code,
        path: file,
        ...(source === undefined ? { message: cut(withoutNumbers(message)) } : { line: cut(normalised(source)) }),
      };
    }
    case 'cve':
      return { advisory: code, package: name, subproject, path: file };
    case 'test_fail':
      return { subproject, tool, test: code };
    case 'recipe_fail':
      return { subproject, recipe };
    default:
      return kind satisfies never;
  }
}

/** White space is layout, not meaning. */
export function normalised(line: string): string {
  return line.replace(/\s+/g, ' ').trim();
}

function withoutNumbers(message: string): string {
  return message.replace(/\d+/g, '#');
}

function cut(text: string): string {
  return text.slice(0, 1024);
}
