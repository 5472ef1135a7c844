import type { ForgeInstance } from './forge-instances.ts';

type Entry = Pick<ForgeInstance, 'name' | 'url'> & { readonly repositories?: readonly string[] | null };

/** Why an entry of the forges could never be used, or not for all that it names, because of an earlier one; null: each can. */
export function shadowedForge(entries: readonly Entry[]): string | null {
  for (const [index, later] of entries.entries())
    for (const earlier of entries.slice(0, index)) {
      if (addressOf(earlier) !== addressOf(later)) continue;
      const both = `${earlier.name} and ${later.name} are both at ${addressOf(later)}`;
      if (!earlier.repositories)
        return `${both}, and ${earlier.name} takes every repository there: name its repositories, or put it last`;
      const taken = new Set(earlier.repositories.map((one) => one.toLowerCase()));
      const twice = later.repositories?.find((one) => taken.has(one.toLowerCase()));
      if (twice !== undefined) return `${both}, and both name the repositories ${twice}: one of them has to have them`;
    }
  return null;
}

/** Http and https of one host are one forge. */
function addressOf({ url }: Entry): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname.replace(/\/+$/, '')}`;
}
