import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folders whose rules decide what a patch may do, and what counts as a proof. */
const folders = ['drafting', 'policy', 'proof', 'roles'];

let known: string | undefined;

/** SHA-256 over the rules by which patches are judged: it moves with each change of one of them. */
export function policyVersion(): string {
  if (known !== undefined) return known;
  const hash = createHash('sha256');
  for (const folder of folders) {
    const dir = join(import.meta.dirname, '..', 'rules', folder);
    for (const name of globSync('**/*.ts', { cwd: dir }).sort())
      hash
        .update(`${folder}/${name}\0`)
        .update(readFileSync(join(dir, name)))
        .update('\0');
  }
  known = hash.digest('hex');
  return known;
}
