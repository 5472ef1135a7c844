import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitVerdict, remoteFailure } from '../../../../../services/io/git/mirrors/git-failure.ts';

const url = 'https://example.org/a/b';
const credential = { username: 'ann', password: 'hunter2' };
const ended = { code: 128, stdout: '', stopped: undefined };

const cases: [stderr: string, code: string, reason: string][] = [
  [
    `fatal: could not read Username for 'https://example.org': terminal prompts disabled\n`,
    'unavailable',
    'git_unauthorized',
  ],
  [`remote: Denied\nfatal: Authentication failed for 'https://example.org/a/b/'\n`, 'unavailable', 'git_unauthorized'],
  [`fatal: unable to access '${url}/': The requested URL returned error: 403\n`, 'unavailable', 'git_unauthorized'],
  [
    'git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.\n\nPlease make sure\n',
    'unavailable',
    'git_unauthorized',
  ],
  [`remote: Not found.\nfatal: repository '${url}/' not found\n`, 'not_found', 'git_repository'],
  [
    `fatal: '/srv/x' does not appear to be a git repository\nfatal: Could not read from remote repository.\n`,
    'not_found',
    'git_repository',
  ],
  [`fatal: unable to access '${url}/': Could not resolve host: example.org\n`, 'unavailable', 'git_unreachable'],
  [`fatal: unable to access '${url}/': The requested URL returned error: 503\n`, 'unavailable', 'git_unreachable'],
  [
    'fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\n',
    'unavailable',
    'git_unreachable',
  ],
  ['ssh: connect to host example.org port 22: Connection refused\n', 'unavailable', 'git_unreachable'],
  ['', 'unavailable', 'git_failed'],
];

for (const [stderr, code, reason] of cases) {
  test(`git's ${JSON.stringify(stderr.slice(0, 70))} means ${reason}`, () => {
    const error = remoteFailure({ ...ended, stderr }, { url }, 1000);
    assert.deepEqual([error.code, error.reason], [code, reason]);
    assert.ok(error.message.includes(url));
  });
}

test('a timeout names the remote and the time', () => {
  const error = remoteFailure({ ...ended, stderr: '', stopped: 'timeout' }, { url }, 30_000);
  assert.deepEqual([error.code, error.message], ['timeout', `${url} did not answer in full within 30 s.`]);
});

test('a server that repeats the password does not get it into an error', () => {
  const pair = Buffer.from('ann:hunter2').toString('base64');
  const stderr = `fatal: https://ann:hunter2@example.org said hunter2 and ${pair}\n`;
  const error = remoteFailure({ ...ended, stderr }, { url, credential }, 1000);
  assert.match(error.message, /said \*\*\* and \*\*\*$/);
  assert.ok(!JSON.stringify([error.message, error.stack, error.cause]).includes('hunter2'));
});

test('the verdict of git is its reason, not the advice below it, and holds no password', () => {
  const advice = '\n\nPlease make sure you have the correct access rights\nand the repository exists.\n';
  const reading = `fatal: Could not read from remote repository.${advice}`;
  assert.equal(gitVerdict(`ERROR: Repository not found.\n${reading}`), 'ERROR: Repository not found.');
  assert.match(gitVerdict(`fatal: '/no/such' does not appear to be a git repository\n${reading}`), /does not appear/);
  assert.doesNotMatch(gitVerdict(`fatal: unable to access 'https://ann:hunter2@example.org/'`, credential), /hunter2/);
});
