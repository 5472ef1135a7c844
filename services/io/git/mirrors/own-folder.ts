import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { AppError } from '../../../floor/app-error.ts';

/**
 * Refuses a repository by path that lies in a folder of the farm, also through a link: mirrors, trees and data of one team
 * would be read by another. `url` is as `parseRemoteUrl` gives it. Throws AppError('invalid').
 */
export function refuseOwnFolder(url: string, folders: readonly string[]): void {
  if (!url.startsWith('/')) return;
  const at = real(url);
  for (const folder of folders.map(real))
    if (at === folder || at.startsWith(`${folder}${sep}`))
      throw new AppError('invalid', 'The address of the repository must not name a folder of the farm itself.');
}

/** Where a path leads; itself where nothing is there. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
