import type { LocalRun } from './local-plan.ts';

/**
 * Runs that may go at the same time, each list one after the other. There is one work tree: two commands in one folder, or
 * in one below the other, would install and build over each other.
 */
export function localOrder(runs: readonly LocalRun[]): LocalRun[][] {
  const lists: LocalRun[][] = [];
  for (const run of runs) {
    const beside = lists.filter((list) => list.some((other) => meet(run.subproject, other.subproject)));
    const [first, ...others] = beside;
    if (first === undefined) lists.push([run]);
    else {
      first.push(...others.flat(), run);
      for (const other of others) lists.splice(lists.indexOf(other), 1);
    }
  }
  return lists.map((list) => list.sort((a, b) => runs.indexOf(a) - runs.indexOf(b)));
}

function meet(one: string, other: string): boolean {
  const holds = (outer: string, inner: string) => outer === '.' || outer === inner || inner.startsWith(`${outer}/`);
  return holds(one, other) || holds(other, one);
}

/** Works through lists, so many at once; every list in its order. */
export async function inLists<T>(lists: readonly (readonly T[])[], atOnce: number, work: (one: T) => Promise<void>) {
  const left = [...lists];
  const take = async () => {
    for (let list = left.shift(); list; list = left.shift()) for (const one of list) await work(one);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(atOnce, lists.length)) }, take));
}
