import { createBatchParser } from './blob-reader.ts';
import type { Quarantine } from './quarantine.ts';

/** No more than this is kept in memory of all files of a patch. */
const mostBytes = 64 * 1024 * 1024;

/** Blobs by their ids, with one process. Those that are no blobs, too large, or beyond 64 MiB in all are absent. */
export async function readObjects(quarantine: Quarantine, oids: readonly string[]): Promise<Map<string, Buffer>> {
  const asked = [...new Set(oids)];
  const blobs = new Map<string, Buffer>();
  if (asked.length === 0) return blobs;
  let position = 0;
  let bytes = 0;
  const onOutput = createBatchParser((content) => {
    const oid = asked[position];
    position += 1;
    if (oid === undefined || content === undefined) return;
    bytes += content.length;
    if (bytes <= mostBytes) blobs.set(oid, content);
  });
  await quarantine.git('reading files', ['cat-file', '--batch'], {
    input: asked.map((oid) => `${oid}\n`).join(''),
    onOutput,
  });
  return blobs;
}
