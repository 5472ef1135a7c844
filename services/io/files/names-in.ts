import { readdir } from 'node:fs/promises';

/** The names in a folder; none where it cannot be read. */
export function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
