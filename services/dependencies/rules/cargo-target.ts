/**
 * What of a target folder holds for other commits. Cargo knows a package of a registry by its version and checksum and
 * never looks at the times of its files; packages of the tree itself are known by times, so none of theirs is kept.
 */
export type CargoPackages = {
  /** Packages of registries and of git, by name. */
  readonly foreign: ReadonlySet<string>;
  readonly own: ReadonlySet<string>;
};

/** Reads a Cargo.lock: what has a source comes from elsewhere. */
export function cargoPackages(lock: string): CargoPackages {
  const [foreign, own] = [new Set<string>(), new Set<string>()];
  for (const block of lock.split(/^\[\[package\]\]\s*$/m).slice(1)) {
    const name = /^name = "([^"]+)"$/m.exec(block)?.[1];
    if (name !== undefined) (/^source = "/m.test(block) ? foreign : own).add(name);
  }
  return { foreign, own };
}

/** What a Cargo.lock says of packages from elsewhere; a new version of one of the tree itself changes nothing of it. */
export function foreignPackages(lock: string): string {
  const blocks = lock.split(/^\[\[package\]\]\s*$/m).slice(1);
  const facts = blocks.filter((block) => /^source = "/m.test(block)).map((block) => block.trim());
  return facts.sort().join('\n\n');
}

const unit = /^(.+)-[0-9a-f]{16}$/;

/** Whether the folder of a unit in `.fingerprint` or `build` belongs to a package that comes from elsewhere alone. */
export function isForeignUnit(folder: string, { foreign, own }: CargoPackages): boolean {
  const name = unit.exec(folder)?.[1];
  return name !== undefined && foreign.has(name) && !own.has(name);
}

/** The names of crates that the files of a unit's fingerprint tell, such as `test-lib-shop` and `bin-rg.json`. */
export function cratesOf(files: readonly string[]): string[] {
  const named = /^(?:dep-)?(?:test-|bench-|doc-)?(?:lib|bin|test|example|bench|build-script)-(.+?)(?:\.json)?$/;
  return files.flatMap((file) => named.exec(file)?.[1]?.replaceAll('-', '_') ?? []);
}

/** Whether a file of `deps` is of one of these crates. */
export function isOfCrates(file: string, crates: ReadonlySet<string>): boolean {
  const name = /^(?:lib)?(.+?)-[0-9a-f]{16}(?:\..*)?$/.exec(file)?.[1];
  if (name === undefined) return true;
  return crates.has(name) || crates.has(name.replace(/^lib/, '')) || crates.has(`lib${name}`);
}
