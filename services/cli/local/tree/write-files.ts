import { constants } from 'node:fs';
import { access, readFile, writeFile } from 'node:fs/promises';
import { messageOf } from '../../../floor/app-error.ts';

/** Which file could not be written, in words; and whether the others are as they were. */
type WriteFault = { readonly path: string; readonly reason: string; readonly undone: boolean };

type Write = (path: string, content: string | Uint8Array) => Promise<void>;

/** Writes files that are there, by their real path: all of them or, as far as the disk allows, none. Null when all are. */
export async function writeFiles(
  contents: ReadonlyMap<string, string | Uint8Array>,
  write: Write = writeFile,
): Promise<WriteFault | null> {
  const before = new Map<string, Uint8Array>();
  for (const path of contents.keys())
    try {
      await access(path, constants.R_OK | constants.W_OK);
      before.set(path, await readFile(path));
    } catch (error) {
      return { path, reason: messageOf(error), undone: true };
    }
  const begun: string[] = [];
  for (const [path, content] of contents)
    try {
      begun.push(path);
      await write(path, content);
    } catch (error) {
      return { path, reason: messageOf(error), undone: await putBack(begun, before, write) };
    }
  return null;
}

async function putBack(paths: readonly string[], before: ReadonlyMap<string, Uint8Array>, write: Write) {
  let all = true;
  for (const path of paths) {
    const bytes = before.get(path);
    if (bytes === undefined) continue;
    // A file that never took the new bytes needs none put back.
    const isSame = await readFile(path).then(
      (now) => Buffer.compare(now, bytes) === 0,
      () => false,
    );
    if (!isSame)
      await write(path, bytes).catch(() => {
        all = false;
      });
  }
  return all;
}

/** One sentence on it. */
export function faultWords({ reason, undone }: WriteFault, file: string): string {
  const others = undone ? 'nothing is written' : 'it, or others of these files, may be half written: git diff shows it';
  return `${file} cannot be written, so ${others}: ${reason}.`;
}
