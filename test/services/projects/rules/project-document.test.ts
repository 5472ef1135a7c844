import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isAppError } from '../../../../services/floor/app-error.ts';
import {
  cleanPath,
  isBranchName,
  type ProjectInput,
  projectDocument,
} from '../../../../services/projects/rules/project-document.ts';

const given = {
  owner: 'me',
  gitUrl: 'https://host/x',
  refs: { credential_ref: null, email_ref: null, assignees_ref: null },
};
const input: ProjectInput = { name: 'p', git_url: 'https://host/x' };

function faultsOf(more: Partial<ProjectInput>): string[] {
  try {
    projectDocument({ ...input, ...more }, given);
    return [];
  } catch (error) {
    if (!isAppError(error, 'invalid')) throw error;
    return error.faults.map(({ path }) => path);
  }
}

test('what is left out gets the defaults of the README', () => {
  const document = projectDocument({ ...input, subprojects: [{ path: 'a/', language: 'go', test: 'go test' }] }, given);
  assert.deepEqual(document.subprojects, [{ path: 'a', language: 'go', test: 'go test', timeout_secs: 1800 }]);
  assert.deepEqual([document.default_branch, document.languages, document.enabled], ['main', ['go'], true]);
  assert.deepEqual(document.notify.on, ['audit_fail', 'cve_found', 'patch_drafted']);
});

test('every fault is told, not the first alone', () => {
  const faults = faultsOf({
    default_branch: 'a b',
    schedule: { audit: 'soon', timezone: 'Nowhere' } as object,
    notify: { email: ['a@b', 'nobody'] },
    subprojects: [
      { path: '../x', language: 'go', test: 'x' },
      { path: '.', language: 'go' },
    ],
  });
  assert.deepEqual(faults, [
    '/body/subprojects/0/path',
    '/body/subprojects/1',
    '/body/schedule/timezone',
    '/body/schedule/audit',
    '/body/default_branch',
    '/body/notify/email/1',
  ]);
});

test('a cleaned path never leaves the repository, whatever it is made of', () => {
  const part = fc.constantFrom('a', '.', '..', '', '.git', 'b c', '\\', '\0', '...');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const path = parts.join('/');
      const clean = cleanPath(path);
      if (clean === null) return;
      assert.ok(!clean.startsWith('/') && !clean.split('/').some((one) => ['..', '', '.git'].includes(one)), path);
      assert.equal(cleanPath(clean), clean);
    }),
  );
});

test('a name that git refuses for a branch is refused', () => {
  for (const name of ['main', 'feature/x', 'v1.0', 'ünïcode']) assert.ok(isBranchName(name), name);
  for (const name of [
    '',
    '@',
    '-x',
    'a..b',
    'a b',
    'a~1',
    'x.lock',
    'a/.b',
    '/a',
    'a/',
    'a//b',
    'a@{1}',
    'a\\b',
    'a\0',
  ])
    assert.ok(!isBranchName(name), name);
});
