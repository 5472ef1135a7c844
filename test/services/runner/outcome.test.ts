import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppError } from '../../../services/floor/app-error.ts';
import { causeOf } from '../../../services/parser/rules/find-cause.ts';
import { failureOf } from '../../../services/runner/outcome.ts';

const never = new AbortController().signal;

const failures: [reason: string, message: string, ends: string, cause: string][] = [
  [
    'git_unreachable',
    'https://x cannot be reached: error: 503 (asked 3 times)',
    'remote_unavailable',
    'environment remote',
  ],
  ['git_timeout', 'https://x did not answer in full within 30 s.', 'remote_unavailable', 'environment remote'],
  ['git_unauthorized', 'https://x asks for a credential and none is given', 'workspace_failed', 'environment remote'],
  [
    'git_branch',
    'https://x has no branch "main"; its default branch is "trunk"',
    'workspace_failed',
    'environment no_branch',
  ],
  ['git_mirror', "The farm's copy of the repository is damaged: HEAD", 'workspace_failed', 'environment runner'],
  ['sandbox_missing', 'no bwrap here', 'sandbox_missing', 'environment sandbox'],
];

for (const [name, message, ends, cause] of failures)
  test(`a job that fails by ${name} ends as ${ends}, and its cause is ${cause}`, () => {
    const { reason, detail } = failureOf(new AppError('unavailable', message, { name }), never);
    assert.equal(reason, ends);
    const said = causeOf({ reason, detail, exitCode: null, lastLines: '', isExplained: false, retry: 0 });
    assert.equal(`${said.cause} ${said.kind}`, cause);
  });
