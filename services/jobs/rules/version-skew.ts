/**
 * Why a runner of one version must not take jobs from a service of another, as a sentence, or null: they understand each
 * other over one minor release in either direction.
 */
export function versionSkew(runner: string, service: string): string | null {
  const [ours, theirs] = [runner, service].map((version) => version.split('.').map(Number));
  const [major = 0, minor = 0] = ours ?? [];
  const [theirMajor = 0, theirMinor = 0] = theirs ?? [];
  if (![major, minor, theirMajor, theirMinor].every(Number.isInteger)) return null;
  if (major === theirMajor && Math.abs(minor - theirMinor) <= 1) return null;
  return `This runner is ${runner} and the service ${service}: it takes no jobs until they are at most one minor release apart.`;
}
