import { AppError } from '../../../floor/app-error.ts';
import type { ProcessResult } from './git-processes.ts';
import { redactCredential } from './git-secrets.ts';
import type { Remote } from './remote-url.ts';

const refused =
  /authentication failed|could not read (?:username|password)|permission denied|returned error: 40[13]|access denied|authorization failed/i;
const trouble =
  /returned error: (?:408|425|429|5\d\d)\b|could not resolve (?:host|proxy)|temporary failure in name resolution|connection (?:refused|reset|closed|timed out)|failed to connect|couldn't connect|could(?: not|n't) connect|operation (?:too slow|timed out)|timed out|early eof|unexpected disconnect|hung up unexpectedly|empty reply|recv failure|send failure|broken pipe|no route to host|network is unreachable|rpc failed|ssl_(?:read|connect)|tls (?:connect|handshake|packet)|gnutls_handshake|socket hang up|econn(?:refused|reset|aborted)|etimedout|enotfound|eai_again|ehostunreach|fetch failed|service unavailable|bad gateway|too many requests/i;
const missing =
  /repository .*not found|not found|does not appear to be a git repository|no such file or directory|does not exist|returned error: 404|not a git repository/i;

/** What a failed command against a remote means to the caller. The text is git's last line, with secrets taken out. */
export function remoteFailure(result: ProcessResult, remote: Remote, timeoutMs: number): AppError {
  const { url } = remote;
  if (result.stopped === 'timeout') {
    return new AppError('timeout', `${url} did not answer in full within ${timeoutMs / 1000} s.`, {
      name: 'git_timeout',
    });
  }
  if (result.stopped === 'closing') {
    return closing();
  }
  const text = lastLine(redactCredential(result.stderr, remote.credential));
  if (refused.test(text)) {
    const given = remote.credential === undefined ? 'and none is given' : 'and refused the one given';
    return new AppError('unavailable', `${url} asks for a credential ${given}: ${text}`, { name: 'git_unauthorized' });
  }
  // git's last word is of what it missed, the line before that of why.
  const own = result.stderr.split('\n').filter((line) => !line.startsWith('remote:'));
  if (own.some((line) => trouble.test(line))) {
    return new AppError('unavailable', `${url} cannot be reached: ${text}`, { name: 'git_unreachable' });
  }
  if (missing.test(text)) {
    return new AppError('not_found', `There is no repository at ${url}: ${text}`, { name: 'git_repository' });
  }
  return new AppError('unavailable', `git failed against ${url}: ${text}`, { name: 'git_failed' });
}

/** A failure of git on our own folders: a broken world, not something that a caller asked for. */
export function localFailure(what: string, result: ProcessResult): AppError {
  const text = result.stopped === undefined ? lastLine(result.stderr) : `stopped (${result.stopped})`;
  return new AppError('internal', `${what} failed: ${text || `exit code ${result.code}`}`, { name: 'git_local' });
}

/**
 * What a caller is told when a branch is not there. An empty repository looks the same. `named`: what the remote calls its
 * default branch, or null.
 */
export function missingBranch({ url }: Remote, branch: string, named: string | null): AppError {
  const missing = `${url} has no branch ${JSON.stringify(branch)}`;
  const text =
    named === null || named === branch
      ? `${missing} (a repository without commits has none).`
      : `${missing}; its default branch is ${JSON.stringify(named)}: name that one, or set "default_branch" of the project to it.`;
  return new AppError('not_found', text, { name: 'git_branch' });
}

/** What a caller is told when a commit is not there. */
export function missingCommit({ url }: Remote, sha: string): AppError {
  return new AppError('not_found', `${url} has no commit ${sha}.`, { name: 'git_sha' });
}

/** What a caller is told when several commits begin as the one that was named. */
export function ambiguousCommit({ url }: Remote, prefix: string, found: readonly string[]): AppError {
  const text = `${url} has several commits that begin with ${prefix}: ${found.slice(0, 5).join(', ')}.`;
  return new AppError('invalid', text, { name: 'git_sha' });
}

/** What is told to whoever comes too late. */
export function closing(): AppError {
  return new AppError('unavailable', 'The farm is shutting down.', { name: 'git_closing' });
}

/** The line of git's words that says what is wrong, with the secret taken out; empty where it said nothing. */
export function gitVerdict(stderr: string, credential?: Remote['credential']): string {
  return lastLine(redactCredential(stderr, credential));
}

// The lines after git's own verdict are advice ("Please make sure you have the correct access rights").
function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const verdicts = lines.filter((line) => /^(?:fatal|error|remote|ssh):|permission denied/i.test(line));
  const worst = verdicts.filter((line) => !/could not read from remote repository/i.test(line)).at(-1);
  return (worst ?? verdicts.at(-1) ?? lines.filter((line) => line !== '').at(-1) ?? '').slice(0, 500);
}
