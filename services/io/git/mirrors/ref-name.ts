import { AppError } from '../../../floor/app-error.ts';

/**
 * Refuses what git refuses as a branch name (`git check-ref-format --branch`), and what could be taken for an option.
 * The characters left over cannot leave `refs/heads/`, nor act as a pattern.
 */
export function checkBranchName(branch: string): void {
  const bad =
    branch === '' ||
    branch.length > 250 ||
    branch === '@' ||
    branch === 'HEAD' ||
    branch.startsWith('-') ||
    branch.endsWith('.') ||
    /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{/u.test(branch) ||
    branch.split('/').some((part) => part === '' || part.startsWith('.') || part.endsWith('.lock'));
  if (bad) throw new AppError('invalid', `${JSON.stringify(branch)} is not a branch name.`, { name: 'git_branch' });
}

/** Refuses everything but a full object id in lower case. Repositories with sha256 ids are not served. */
export function checkSha(sha: string): void {
  if (isSha(sha)) return;
  throw new AppError('invalid', 'A commit must be given as its full id, 40 hexadecimal digits in lower case.', {
    name: 'git_sha',
  });
}

/** Whether a text is a full object id in lower case. */
export function isSha(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** Refuses everything but the beginning of an object id, of seven digits or more. */
export function checkShortSha(sha: string): void {
  if (/^[0-9a-f]{7,40}$/.test(sha)) return;
  throw new AppError(
    'invalid',
    'A commit must be given as its id, or as seven or more of the digits that it begins with.',
    {
      name: 'git_sha',
    },
  );
}
