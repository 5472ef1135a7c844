import { createHash } from 'node:crypto';

/** The documents of a version: name without `.json`, and the hash of the content. */
type DocumentHash = { readonly name: string; readonly sha256: string };

/** The documents by name, in order, with their hashes, and one hash over all of them. */
export function setDigest(files: ReadonlyMap<string, Buffer>): { digest: string; documents: DocumentHash[] } {
  const documents = [...files]
    .map(([name, content]) => ({ name, sha256: sha256(content) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { digest: sha256(documents.map(({ name, sha256: hash }) => `${hash} ${name}\n`).join('')), documents };
}

function sha256(content: Buffer | string): string {
  return createHash('sha256').update(content).digest('hex');
}
