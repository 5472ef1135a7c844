import type { Observation } from '../../../events/finding.ts';
import { sameRules } from '../../../parsers/tools/same-rules.ts';

/** What several tools said that is one thing, each tool once; of most there is one alone. */
type Told = readonly [Observation, ...Observation[]];

/** Puts together what different tools of one run say of one line, or of one advisory in one package, in the given order. */
export function foldObservations(observations: readonly Observation[]): Told[] {
  const told: [Observation, ...Observation[]][] = [];
  const byPlace = new Map<string, [Observation, ...Observation[]][]>();
  for (const one of observations) {
    const place = placeOf(one);
    const near = place === null ? [] : (byPlace.get(place) ?? []);
    const same = near.find((group) => group.every((other) => other.tool !== one.tool) && group.some(isSame(one)));
    if (same) {
      same.push(one);
      continue;
    }
    const group: [Observation] = [one];
    told.push(group);
    if (place !== null) byPlace.set(place, [...near, group]);
  }
  return told;
}

/** Where two that are one thing have to be alike. */
function placeOf({ kind, file, line, package: name }: Observation): string | null {
  if (kind === 'lint' && file !== null && line !== null) return `${kind}\n${file}\n${line}`;
  return kind === 'cve' && name !== null ? `${kind}\n${packageName(name)}` : null;
}

const packageName = (name: string) => name.slice(name.lastIndexOf(':') + 1).toLowerCase();

const isSame =
  (one: Observation) =>
  (other: Observation): boolean => {
    if (one.kind === 'cve') {
      const names = new Set(namesOf(one));
      const apart = (a: string | null, b: string | null) => a !== null && b !== null && a !== b;
      if (apart(one.file, other.file) || apart(one.installed_version, other.installed_version)) return false;
      return namesOf(other).some((name) => names.has(name));
    }
    return sameRules(one.tool, one.code ?? '').some(([tool, code]) => tool === other.tool && code === other.code);
  };

/** CVE, GHSA, PYSEC and RUSTSEC name one advisory. */
function namesOf({ code, aliases }: Pick<Observation, 'code' | 'aliases'>): string[] {
  return [code, ...aliases].flatMap((name) => (name === null ? [] : [name.toUpperCase()]));
}
