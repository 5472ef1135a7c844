import { localFailure } from '../mirrors/git-failure.ts';
import type { GitProcesses } from '../mirrors/git-processes.ts';

/** Somebody who wrote some of the lines that were asked about, by git's own word. */
export type LineAuthor = {
  readonly name: string;
  readonly mail: string;
  /** Numbers of the lines, from 1. */
  readonly lines: readonly number[];
  /** Of the newest of these lines, ISO 8601. */
  readonly last: string;
};

/** Lines of a file at a commit, both ends included. */
export type LineRange = { readonly path: string; readonly from: number; readonly to: number };

/** A long history is looked through for so long, in ms: who wrote a line is worth no more. */
const patienceMs = 5_000;

type BlameDeps = { processes: GitProcesses; env: Record<string, string> };

/** Who wrote lines of a bare repository, whoever wrote most of them first. Throws AppError where there is no such file or it took too long. */
export async function readLineAuthors(
  { processes, env }: BlameDeps,
  gitDir: string,
  sha: string,
  { path, from, to }: LineRange,
): Promise<LineAuthor[]> {
  const result = await processes.run({
    command: 'git',
    // Reads no configuration of the repository: names are as the commits say them.
    args: ['blame', '--porcelain', '-w', '-L', `${from},${to}`, sha, '--', path],
    cwd: gitDir,
    env: { ...env, GIT_DIR: gitDir },
    timeoutMs: patienceMs,
  });
  if (result.code !== 0) throw localFailure('looking for the authors of lines', result);
  return authorsIn(result.stdout);
}

/** Understands `git blame --porcelain`: what is known of a commit is said where it is named first. */
function authorsIn(output: string): LineAuthor[] {
  const commits = new Map<string, { name: string; mail: string; time: number }>();
  const authors = new Map<string, { name: string; mail: string; lines: number[]; last: number }>();
  let sha = '';
  let line = 0;
  for (const text of output.split('\n')) {
    const head = /^\^?([0-9a-f]{40,64}) \d+ (\d+)/.exec(text);
    if (head) {
      [sha, line] = [head[1] ?? '', Number(head[2])];
      if (!commits.has(sha)) commits.set(sha, { name: '', mail: '', time: 0 });
      continue;
    }
    const commit = commits.get(sha);
    if (!commit) continue;
    if (text.startsWith('author ')) commit.name = text.slice(7, 207);
    else if (text.startsWith('author-mail ')) commit.mail = text.slice(12, 268).replace(/^<|>$/g, '');
    else if (text.startsWith('author-time ')) commit.time = Number(text.slice(12));
    else if (text.startsWith('\t')) {
      const { name, mail, time } = commit;
      const key = mail || name;
      const author = authors.get(key) ?? { name, mail, lines: [], last: 0 };
      author.lines.push(line);
      author.last = Math.max(author.last, time);
      authors.set(key, author);
    }
  }
  return [...authors.values()]
    .sort((a, b) => b.lines.length - a.lines.length || b.last - a.last)
    .map(({ last, ...author }) => ({ ...author, last: new Date(last * 1000).toISOString() }));
}
