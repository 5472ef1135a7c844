import { createHash } from 'node:crypto';
import type { Observation } from '../../events/finding.ts';

/** Raised when the rules below change: identities of different versions are never compared. */
export const identityVersion = 1;

export type Identified = { readonly observation: Observation; readonly identity: string };

export type Place = { readonly project: string; readonly subproject: string; readonly recipe: string };

/** The text of a line of the job's commit, or undefined when it is not known. */
export type SourceLine = (file: string, line: number) => string | undefined;

/**
 * Says which observations are sightings of the same finding: two keys with equal parts are told apart by the order in
 * which they come, so two equal lines in one file stay two findings, and moved lines do not make new ones.
 */
export function identifyFindings(
  observations: readonly Observation[],
  place: Place,
  sourceLine: SourceLine,
): Identified[] {
  const seen = new Map<string, number>();
  return inStableOrder(observations).map((observation) => {
    const parts = partsOf(observation, place, sourceLine);
    const key = JSON.stringify([identityVersion, place.project, observation.kind, ...parts]);
    const ordinal = seen.get(key) ?? 0;
    seen.set(key, ordinal + 1);
    const identity = createHash('sha256').update(`${key}#${ordinal}`).digest('hex').slice(0, 32);
    return { observation, identity };
  });
}

/** By place: tools may print in any order, and the ordinal must not depend on it. */
function inStableOrder(observations: readonly Observation[]): Observation[] {
  const key = ({ file, line, column }: Observation) => [file ?? '', line ?? 0, column ?? 0] as const;
  return [...observations].sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    if (one[0] !== other[0]) return one[0] < other[0] ? -1 : 1;
    return one[1] - other[1] || one[2] - other[2];
  });
}

function partsOf(observation: Observation, { subproject, recipe }: Place, sourceLine: SourceLine): (string | null)[] {
  const { kind, tool, code, file, line, package: name } = observation;
  switch (kind) {
    case 'lint':
      return [
        tool,
        code,
        file,
        normalised((file && line ? sourceLine(file, line) : undefined) ?? withoutNumbers(observation.message)),
      ];
    case 'cve':
      return [code, name, subproject, file];
    case 'test_fail':
      return [subproject, tool, code];
    case 'recipe_fail':
      return [subproject, recipe];
    default:
      return kind satisfies never;
  }
}

/** White space is layout, not meaning. */
function normalised(line: string): string {
  return line.replace(/\s+/g, ' ').trim();
}

function withoutNumbers(message: string): string {
  return message.replace(/\d+/g, '#');
}
