import type { JobEnqueuedData } from '../../../../events/jobs/job.ts';

/** What a recipe runs with, by the name of the variable; of a secret and of a variable of the service the name alone. */
export type Variables = ReadonlyMap<string, string>;

type Asked = Pick<JobEnqueuedData['snapshot']['subproject'], 'env' | 'env_from' | 'secrets'>;

export function variablesOf({ env = {}, env_from = [], secrets = [] }: Asked, recipe: string): Variables {
  const own = Array.isArray(secrets) ? secrets : (new Map(Object.entries(secrets)).get(recipe) ?? []);
  return new Map([
    ...own.map((name) => [name, 'secret'] as const),
    ...env_from.map((name) => [name, 'of the service'] as const),
    ...Object.entries(env).map(([name, value]) => [name, `is ${value}`] as const),
  ]);
}

type Ran = { readonly recipe: string; readonly recipe_snapshot: { readonly subproject: Asked } };

/** The names of the variables that an earlier job did not have as they are now, in order. */
export function otherVariables(then: Ran | undefined, now: Variables): string[] {
  if (then === undefined) return [];
  const before = variablesOf(then.recipe_snapshot.subproject, then.recipe);
  const names = new Set([...before.keys(), ...now.keys()]);
  return [...names].filter((name) => before.get(name) !== now.get(name)).sort();
}
