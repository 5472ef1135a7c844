/**
 * What a job cannot reach, best first.
 * - `bwrap`: namespaces of its own; it sees tools, its work tree, a HOME of its own and its owner's caches, and no network but what it may have.
 * - `reduced`: Landlock; it can open the same files only, and no internet when it may have none. Hosts cannot be told apart.
 * - `none`: nothing is hidden from it that the service's user may see.
 */
export const sandboxLevels = ['bwrap', 'reduced', 'none'] as const;
export type SandboxLevel = (typeof sandboxLevels)[number];

/** What is said about a level, in one line. */
export const levelMeaning: Readonly<Record<SandboxLevel, string>> = {
  bwrap: 'jobs see tools, their tree and the caches; networks can be taken away or listed',
  reduced: 'jobs open tools, their tree and the caches only; the internet can be taken away, not listed',
  none: 'jobs reach whatever the user of the service reaches, its secrets too',
};
