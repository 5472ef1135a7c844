import type { RunFailure } from '../../../events/jobs/job.ts';

const words: Readonly<Record<RunFailure['kind'], string>> = {
  findings: 'it found what makes it fail',
  crash: 'it crashed',
  limit: 'it used up more than it may',
  remote: 'the repository could not be had',
  registry: 'a package registry or another server did not answer',
  disk: 'the disk is full',
  timeout: 'it did not end in time',
  tool_missing: 'a program is not installed',
  no_branch: 'the branch or commit is not there',
  runner: 'its runner was lost',
  coverage: 'less ran of the code than must',
  sandbox: 'no runner can shut it in as its project demands',
};

/** Why a run proves nothing when what is around it failed. */
export function environmentWords({ kind, detail }: RunFailure): string {
  return `${words[kind]}${detail === null ? '' : `: ${detail}`}`.slice(0, 512);
}
