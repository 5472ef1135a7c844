import { localFailure } from '../../mirrors/git-failure.ts';
import type { GitProcesses } from '../../mirrors/git-processes.ts';

/** First and last line, from 1. */
type LineRange = readonly [from: number, to: number];

/** What a commit has that another one had not. */
export type AddedLines = {
  /** The commit with which was compared: the newest that is in the history of both. */
  readonly base: string;
  /** Lines that were added or changed, by the path of now. Files without such lines are not here. */
  readonly lines: ReadonlyMap<string, readonly LineRange[]>;
};

type LinesDeps = { processes: GitProcesses; env: Record<string, string>; timeoutMs: number };

/**
 * The lines of `sha` that are not in its newest common ancestor with `other`, in a bare repository; null where they have none in
 * common. Files that git takes for moved count by what was changed in them.
 */
export async function readAddedLines(
  deps: LinesDeps,
  gitDir: string,
  other: string,
  sha: string,
): Promise<AddedLines | null> {
  const run = (args: string[]) =>
    deps.processes.run({
      command: 'git',
      args,
      cwd: gitDir,
      env: { ...deps.env, GIT_DIR: gitDir },
      timeoutMs: deps.timeoutMs,
    });
  const common = await run(['merge-base', other, sha]);
  if (common.code === 1) return null;
  if (common.code !== 0) throw localFailure('comparing commits', common);
  const base = common.stdout.trim();
  const options = ['--unified=0', '--no-color', '--no-ext-diff', '--no-textconv', '--find-renames=50%', '--no-prefix'];
  const diff = await run(['-c', 'core.quotepath=off', 'diff', ...options, '--diff-filter=AMR', base, sha, '--']);
  if (diff.code !== 0) throw localFailure('comparing commits', diff);
  return { base, lines: parseAddedLines(diff.stdout) };
}

/** Understands `git diff --unified=0 --no-prefix`. The lines of a hunk are counted, not looked at: they may look like anything. */
function parseAddedLines(diff: string): Map<string, LineRange[]> {
  const lines = new Map<string, LineRange[]>();
  let file: string | null = null;
  /** Lines of the hunk that are still to come. */
  let left = 0;
  for (let at = 0; at < diff.length; ) {
    const next = diff.indexOf('\n', at);
    const end = next === -1 ? diff.length : next;
    const line = diff.slice(at, Math.min(end, at + 8192));
    at = end + 1;
    if (left > 0 && /^[-+]/.test(line)) {
      left -= 1;
      continue;
    }
    if (line.startsWith('diff --git ')) file = null;
    else if (line.startsWith('+++ ')) file = pathOf(line.slice(4));
    const [, removed, from, added] = /^@@ -\d{1,9}(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@/.exec(line) ?? [];
    if (from === undefined) continue;
    const count = Number(added ?? 1);
    left = count + Number(removed ?? 1);
    if (file === null || count === 0) continue;
    const own = lines.get(file) ?? [];
    own.push([Number(from), Number(from) + count - 1]);
    lines.set(file, own);
  }
  return lines;
}

/** A path with odd characters is quoted like a string of C; one with blanks is followed by a tab. */
function pathOf(printed: string): string | null {
  const path = printed.replace(/\t$/, '');
  if (path === '/dev/null') return null;
  if (!path.startsWith('"')) return path;
  try {
    return String(JSON.parse(path.replace(/\\(?:[0-7]{3}|a|v)/g, '?')));
  } catch {
    return null;
  }
}
