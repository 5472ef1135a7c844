/** The folder of the subproject whose run is read: where it was when its findings were seen, and where it is now. */
export type Home = { readonly was: string; readonly now: string };

/** What came and went between two commits. `renamed`: new path -> old path, as git pairs them. */
type MovedPaths = {
  readonly renamed: ReadonlyMap<string, string>;
  readonly added: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
};

export type PathPairs = { readonly oldOf: ReadonlyMap<string, string>; readonly newOf: ReadonlyMap<string, string> };

/** Pairs of one name that are compared each with each. */
const mostOfName = 300;

/**
 * How well an old path goes with a new one, the higher the better; below zero when one of them alone is of the
 * subproject. Between files of the same content git's own pairing is chance: their places tell more.
 */
export function affinity(old: string, fresh: string, home: Home): number {
  const [was, is] = [within(old, home.was), within(fresh, home.now)];
  const other = (was === null) !== (is === null) ? -100 : 0;
  const [before, now] = [partsOf(was ?? old), partsOf(is ?? fresh)];
  const same = before.join('/') === now.join('/') ? 40 : 0;
  const name = before.at(-1) === now.at(-1) ? 10 : 0;
  const longest = Math.max(before.length, now.length);
  const ends = common(before.toReversed(), now.toReversed());
  return other + same + name + (10 * (common(before, now) + ends)) / longest;
}

export const baseName = (path: string) => path.slice(path.lastIndexOf('/') + 1).toLowerCase();

/** The old path of each new one: by its name and place first, and else as git takes it. Each is used once. */
export function pairPaths({ renamed, added, removed }: MovedPaths, home: Home): PathPairs {
  const gone = Map.groupBy([...removed, ...renamed.values()], baseName);
  const fresh = Map.groupBy([...added, ...renamed.keys()], baseName);
  const oldOf = new Map<string, string>();
  const newOf = new Map<string, string>();
  const pair = (old: string, now: string) => {
    if (newOf.has(old) || oldOf.has(now)) return;
    oldOf.set(now, old);
    newOf.set(old, now);
  };
  const own = (old: string, now: string) => affinity(old, now, home) + (renamed.get(now) === old ? 1 : 0);
  for (const [name, olds] of gone) {
    const news = (fresh.get(name) ?? []).slice(0, mostOfName);
    const pairs = olds.slice(0, mostOfName).flatMap((old) => news.map((now) => ({ old, now, score: own(old, now) })));
    for (const { old, now } of pairs.filter(({ score }) => score >= 0).sort((a, b) => b.score - a.score))
      pair(old, now);
  }
  const left = [...renamed].map(([now, old]) => ({ old, now, score: own(old, now) }));
  for (const { old, now } of left.sort((a, b) => b.score - a.score)) pair(old, now);
  return { oldOf, newOf };
}

/** The path below a folder, or null where it lies elsewhere. */
export function within(path: string, folder: string): string | null {
  if (folder === '.') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : null;
}

const partsOf = (path: string) => path.toLowerCase().split('/');

function common(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at < 0 ? one.length : at;
}
