/** What a program of the machine needs to be found and to speak as its user is used to; nothing that says a secret. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'LC_ALL', 'GOMAXPROCS', 'GOMEMLIMIT'] as const;

/**
 * The environment of a program that the farm starts for itself: named variables alone, since the farm's own hold tokens
 * and passwords, and every process of the same user may read those of another one.
 */
export function childEnvironment(from: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  return Object.fromEntries(
    passedOn.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]] as const])),
  );
}
