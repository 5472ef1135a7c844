import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Everything below a folder but its own `.git`: path -> kind, mode and content. */
export function snapshotTree(root: string): Record<string, string> {
  const found: Record<string, string> = {};
  const walk = (inner: string): void => {
    const full = path.join(root, inner);
    const stat = lstatSync(full);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) found[inner] = `link ${readlinkSync(full)}`;
    else if (stat.isFile()) found[inner] = `file ${mode} ${stat.nlink} ${readFileSync(full, 'base64')}`;
    else if (!stat.isDirectory()) found[inner] = 'special';
    else {
      found[inner] = `folder ${mode}`;
      for (const name of readdirSync(full)) if (inner !== '.' || name !== '.git') walk(path.join(inner, name));
    }
  };
  walk('.');
  return found;
}
