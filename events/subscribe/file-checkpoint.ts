import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Where a subscriber keeps how far it is: the sequence of the last event that it has done with. */
export type Checkpoint = {
  /** Null when nothing was saved yet. */
  load(): Promise<number | null>;
  save(seq: number): Promise<void>;
};

/** A checkpoint in a file, which a power cut leaves whole: the old one or the new one. Throws when it holds no sequence. */
export function fileCheckpoint(path: string): Checkpoint {
  return {
    load: async () => {
      const text = await readFile(path, 'utf8').catch(nothing);
      if (text === null) return null;
      if (!/^\d{1,15}\n?$/.test(text)) throw new Error(`${path} was to hold the sequence of an event and does not.`);
      return Number(text);
    },
    save: async (seq) => {
      const next = `${path}.next`;
      const file = await open(next, 'w', 0o600);
      try {
        await file.writeFile(`${seq}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(next, path);
      await syncFolder(dirname(path));
    },
  };
}

function nothing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}

/** The new name is on disk only when its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
