/** The files of a tree, by path from its root. */
type TreeFiles = {
  has(path: string): boolean;
  /**
   * The file that shares the most segments with the end of a path, and how many these are; among equals one that is
   * whole in it, then one below `near`. Null when none shares the name, or several are as good.
   */
  like(path: string, near: string): { readonly file: string; readonly shared: number } | null;
};

/** Files of one name that are looked at; a name in more folders than that says nothing. */
const mostAlike = 5000;

const known = new WeakMap<readonly string[], TreeFiles>();

/** Built once for a list, when it is first asked. */
export function treeFiles(paths: readonly string[]): TreeFiles {
  const own = known.get(paths) ?? built(paths);
  known.set(paths, own);
  return own;
}

function built(paths: readonly string[]): TreeFiles {
  const all = new Set(paths);
  let byName: Map<string, string[]> | null = null;
  return {
    has: (path) => all.has(path),
    like(path, near) {
      byName ??= Map.groupBy(all, (one) => one.slice(one.lastIndexOf('/') + 1));
      const wanted = path.split('/').filter((part) => part !== '' && part !== '.');
      const alike = byName.get(wanted.at(-1) ?? '') ?? [];
      if (alike.length > mostAlike) return null;
      let best: string[] = [];
      let shared = 0;
      for (const file of alike) {
        const count = sharedSegments(file.split('/'), wanted);
        if (count > shared) best = [];
        shared = Math.max(shared, count);
        if (count === shared) best.push(file);
      }
      const whole = (file: string) => [near === '' ? file : null, below(file, near), file];
      const ranked = [0, 1, 2].map((rank) => best.filter((file) => whole(file)[rank]?.split('/').length === shared));
      const choice = [...ranked, best.filter((file) => below(file, near) !== null), best].find(
        (some) => some.length > 0,
      );
      const [file, ...others] = choice ?? [];
      return file === undefined || others.length > 0 ? null : { file, shared };
    },
  };
}

function below(file: string, folder: string): string | null {
  return folder === '' ? file : file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : null;
}

function sharedSegments(one: readonly string[], other: readonly string[]): number {
  let count = 0;
  while (count < one.length && count < other.length && one.at(-1 - count) === other.at(-1 - count)) count += 1;
  return count;
}
