import { messageOf } from '../../floor/app-error.ts';
import type { EvidenceDeps, Scene } from './evidence-scene.ts';

/** The text of a file: null for one that is not there, undefined for one that was not read. */
type Text = (path: string) => string | null | undefined;
/** The same, as lines. */
export type Lines = (path: string) => readonly string[] | null | undefined;

/** The lines of texts, each taken apart once: null for a file that is not there, undefined for one that was not read. */
export function linesIn(textOf: Text): Lines {
  const known = new Map<string, readonly string[] | null | undefined>();
  return (path) => {
    if (!known.has(path)) {
      const text = textOf(path);
      known.set(path, typeof text === 'string' ? text.split('\n') : text);
    }
    return known.get(path);
  };
}

/** The texts of a commit. What is not there is null, what could not be read undefined. */
export async function readTexts(
  sha: string,
  paths: readonly string[],
  { remote }: Pick<Scene, 'remote'>,
  { workspaces, logger }: EvidenceDeps,
): Promise<Text> {
  const asked = new Set(paths);
  if (asked.size === 0) return () => undefined;
  try {
    const blobs = await workspaces.readBlobs(remote, sha, [...asked]);
    return (path) => (asked.has(path) ? (blobs.get(path)?.toString('utf8') ?? null) : undefined);
  } catch (error) {
    logger.warn({ error: messageOf(error) }, 'sources could not be read, findings that are missing stay open');
    return () => undefined;
  }
}
