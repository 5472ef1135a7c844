import { gunzipSync, gzipSync } from 'node:zlib';

/** One file of an agent's session, by its path below HOME. */
export type FrozenFile = { readonly path: string; readonly mode: number; readonly bytes: Buffer };

/** What a later run goes on from: what was changed in the tree, and the files of its agent's session. */
type FrozenState = {
  readonly diff: string;
  readonly files: readonly FrozenFile[];
  /** Why its session is not among it, where it was larger than may be kept: that is for its agent to know. */
  readonly note?: string | null;
};

export const frozenLimits = { files: 2_000, bytes: 16 * 1024 * 1024 } as const;

/** The limits in words. */
export const frozenLimitWords = `${frozenLimits.bytes / 2 ** 20} MiB and ${frozenLimits.files.toLocaleString('en')} files`;

/** Packs a state: equal states give equal bytes. */
export function packState({ diff, files, note = null }: FrozenState): Buffer {
  const sorted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
  const told = sorted.map(({ path, mode, bytes }) => ({ path, mode, bytes: bytes.toString('base64') }));
  const noted = note === null ? {} : { note };
  return gzipSync(JSON.stringify({ version: 1, diff, files: told, ...noted }));
}

/** Null for bytes that are none of ours. Paths that would leave HOME are left out. */
export function unpackState(bytes: Uint8Array): FrozenState | null {
  try {
    const text = gunzipSync(bytes, { maxOutputLength: 4 * frozenLimits.bytes }).toString('utf8');
    const { version, diff, files, note } = JSON.parse(text) as Record<string, unknown>;
    if (version !== 1 || typeof diff !== 'string' || !Array.isArray(files)) return null;
    return { diff, files: files.flatMap(readFile), note: typeof note === 'string' ? note.slice(0, 1_024) : null };
  } catch {
    return null;
  }
}

function readFile(told: Record<string, unknown>): FrozenFile[] {
  const { path, mode, bytes } = told;
  if (typeof path !== 'string' || typeof mode !== 'number' || typeof bytes !== 'string' || !isInside(path)) return [];
  return [{ path, mode: mode & 0o700, bytes: Buffer.from(bytes, 'base64') }];
}

/** A relative path without a way out. */
function isInside(path: string): boolean {
  return (
    path !== '' &&
    !path.startsWith('/') &&
    !path.split('/').some((part) => part === '' || part === '.' || part === '..')
  );
}
