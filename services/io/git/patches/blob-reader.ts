import { localFailure } from '../mirrors/git-failure.ts';
import type { GitProcesses } from '../mirrors/git-processes.ts';
import { mirrorDamaged } from '../mirrors/mirror-damage.ts';

type BlobDeps = { processes: GitProcesses; env: Record<string, string>; timeoutMs: number };

/** Larger files are treated as missing. */
export const largestBlob = 4 * 1024 * 1024;

/**
 * Reads files of a commit from a bare repository with one process. Paths that are missing, not files, or too large are
 * absent from the answer; a symbolic link yields the text of its target.
 */
export async function readCommitBlobs(
  deps: BlobDeps,
  gitDir: string,
  sha: string,
  paths: readonly string[],
): Promise<Map<string, Buffer>> {
  // One question is one line, and git gives up altogether on "./" and "../", and on what lies outside.
  const asked = [...new Set(paths)].filter(
    (path) => path !== '' && !/[\n\0]|^\/|^[A-Za-z]:\/|(?:^|\/)\.\.?(?:\/|$)/.test(path),
  );
  const blobs = new Map<string, Buffer>();
  if (asked.length === 0) return blobs;
  let position = 0;
  const parse = createBatchParser((content) => {
    const path = asked[position];
    position += 1;
    if (path !== undefined && content !== undefined) blobs.set(path, content);
  });
  const result = await deps.processes.run({
    command: 'git',
    args: ['cat-file', '--batch'],
    cwd: gitDir,
    env: { ...deps.env, GIT_DIR: gitDir },
    timeoutMs: deps.timeoutMs,
    input: asked.map((path) => `${sha}:${path}\n`).join(''),
    onOutput: parse,
  });
  if (result.code !== 0) throw localFailure('reading files of a commit', result);
  const absent = asked.filter((path) => !blobs.has(path)).slice(0, mostChecked);
  if (absent.length > 0) await checkAbsent(deps, gitDir, sha, absent);
  return blobs;
}

/** How many absent paths are held against the tree. */
const mostChecked = 500;

/** To `cat-file` a path that the commit has not and an object that was lost look the same. */
async function checkAbsent(deps: BlobDeps, gitDir: string, sha: string, paths: readonly string[]): Promise<void> {
  const result = await deps.processes.run({
    command: 'git',
    args: ['ls-tree', '-l', '-z', '--full-tree', sha, '--', ...paths],
    cwd: gitDir,
    env: { ...deps.env, GIT_DIR: gitDir },
    timeoutMs: deps.timeoutMs,
  });
  const lost = / blob [0-9a-f]+ +BAD\t([^\0]*)/.exec(result.stdout);
  if (lost) throw mirrorDamaged(`the content of ${lost[1]} is missing`);
  if (result.code !== 0) throw localFailure('reading the tree of a commit', result);
}

/**
 * Understands the output of `git cat-file --batch`, in pieces of any size. `onAnswer` is called once for each question, in
 * order, with undefined for what is too large or not of these kinds (files unless told); nothing of that is kept in memory.
 */
export function createBatchParser(
  onAnswer: (content: Buffer | undefined) => void,
  kinds: RegExp = /^blob$/,
): (chunk: Buffer) => void {
  let header = '';
  let body: { kept: Buffer[] | undefined; left: number } | undefined;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (body === undefined) {
        const end = chunk.indexOf(10, at);
        header += chunk.toString('utf8', at, end < 0 ? chunk.length : end);
        if (end < 0) return;
        at = end + 1;
        const [, kind, size] = /^[0-9a-f]+ (\w+) (\d+)$/.exec(header) ?? [];
        header = '';
        if (kind === undefined) onAnswer(undefined);
        else body = { kept: kinds.test(kind) && Number(size) <= largestBlob ? [] : undefined, left: Number(size) + 1 };
        continue;
      }
      const piece = chunk.subarray(at, at + body.left);
      body.kept?.push(piece);
      body.left -= piece.length;
      at += piece.length;
      if (body.left > 0) continue;
      // The line end after the content is git's.
      onAnswer(body.kept === undefined ? undefined : Buffer.concat(body.kept).subarray(0, -1));
      body = undefined;
    }
  };
}
