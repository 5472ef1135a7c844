import { matchesStars } from '../text/star-pattern.ts';

/** Whether a pattern takes a repository. Forges do not tell names apart by their case. */
export function coversRepository(pattern: string, repository: string): boolean {
  if (pattern === '*') return true;
  const [patterns, parts] = [pattern.toLowerCase().split('/'), repository.toLowerCase().split('/')];
  return patterns.length === parts.length && patterns.every((one, at) => matchesStars(one, parts[at] ?? ''));
}
