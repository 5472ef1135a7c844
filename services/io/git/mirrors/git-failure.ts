import { AppError } from '../../../floor/app-error.ts';
import type { ProcessResult } from './git-processes.ts';
import { redactCredential } from './git-secrets.ts';
import type { Remote } from './remote-url.ts';

const refused =
  /authentication failed|could not read (?:username|password)|permission denied|returned error: 40[13]|access denied|authorization failed/i;
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

/** What is told to whoever comes too late. */
export function closing(): AppError {
  return new AppError('unavailable', 'The farm is shutting down.', { name: 'git_closing' });
}

// The lines after git's own verdict are advice ("Please make sure you have the correct access rights").
function lastLine(text: string): string {
  const lines = text.split('\n').map((line) => line.trim());
  const verdicts = lines.filter((line) => /^(?:fatal|error|remote|ssh):|permission denied/i.test(line));
  const worst = verdicts.filter((line) => !/could not read from remote repository/i.test(line)).at(-1);
  return (worst ?? verdicts.at(-1) ?? lines.filter((line) => line !== '').at(-1) ?? '').slice(0, 500);
}
