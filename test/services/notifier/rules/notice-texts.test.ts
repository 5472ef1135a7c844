import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recorded } from '../../../../events/registry.ts';
import type { JobDoc } from '../../../../projections/jobs/jobs.ts';
import { discordBody, mattermostBody, slackBody } from '../../../../services/notifier/rules/chat-body.ts';
import { commitStateOf } from '../../../../services/notifier/rules/commit-state.ts';
import { noticeOf, pingOf } from '../../../../services/notifier/rules/notice-body.ts';
import { lineOf } from '../../../../services/notifier/rules/notice-line.ts';
import { sampleData } from '../../../events/stored-payloads.ts';

const seen = {
  seq: 7,
  eventId: 'e7',
  time: '2026-11-21T00:00:00.000Z',
  source: '/t',
  causationId: null,
  correlationId: 'e7',
};
const recorded = (type: string, data: object) => ({ ...seen, type, entityId: 'x', data }) as unknown as Recorded;
const job = {
  job_id: '1'.repeat(26),
  subproject: 'api',
  recipe: 'audit',
  branch: 'main',
  status: 'failed',
  reason: 'exited',
  sha: 'a'.repeat(40),
  findings_count: 3,
  new_findings_count: 2,
  resolved_findings_count: 1,
  baseline_findings_count: 0,
  tests: { executed: 9, passed: 5, failed: 4, skipped: 0 },
} as unknown as JobDoc;

const hostile = [
  '<!channel> <https://evil.example|click> & *bold* _it_ `code` ~gone~',
  '@everyone @here [x](https://evil.example) ||spoiler|| > quote',
  'a\nb\r\nc\u202Ereversed\u0000\u001b[31m',
  '<script>alert(1)</script> $(ldap://evil.example/a)',
].join(' ');

test('hostile words format nothing, link nowhere and call nobody in any chat', () => {
  const notice = noticeOf(recorded('PatchDeclined', { project: 'web', patch_id: '1-1', reason: hostile }), 'web');
  const line = lineOf(notice, { publicUrl: null, job: null });
  assert.doesNotMatch(line.words, /[\n\r\0\u202e\u001b]/);
  const slack = String(slackBody(line).text);
  assert.doesNotMatch(slack.replace('*web*', ''), /<[^>]*>|(?<!\u200b)[*_~`]|:\/\//);
  assert.match(slack, /&lt;!channel&gt;/);
  for (const text of [String(mattermostBody(line).text), String(discordBody(line).content)]) {
    const words = text.replace('**web**', '');
    assert.doesNotMatch(words, /(?<!\\)[*_~`[\]()<>|]/);
    assert.doesNotMatch(words, /@(everyone|here|channel)|:\/\//);
  }
  assert.deepEqual(discordBody(line).allowed_mentions, { parse: [] });
});

test('a line never becomes longer than its chat takes, whatever the words', () => {
  const words = '*_`~<>&|[]()@'.repeat(200);
  const notice = noticeOf(recorded('PatchDeclined', { project: 'web', reason: words }), 'web');
  const line = lineOf(notice, { publicUrl: null, job: null });
  assert.ok(line.words.length <= 400);
  assert.ok(String(discordBody(line).content).length <= 2_000);
});

test('the end of a job is said with its counts, and with a link where the farm has an address', () => {
  const notice = noticeOf(recorded('FindingsParsed', { job_id: job.job_id, project: 'web' }), 'web');
  const line = lineOf(notice, { publicUrl: 'https://farm.example.org', job });
  assert.equal(line.words, 'audit in api on main failed: 3 findings, 2 new, 1 fixed, 4 of 9 tests failed');
  assert.deepEqual(line.links, [{ title: 'job', url: `https://farm.example.org/ui/jobs/${job.job_id}` }]);
  assert.deepEqual(lineOf(notice, { publicUrl: null, job }).links, []);
});

test('what a job brought is said by severity, with the gravest findings, their lines and links', () => {
  const notice = noticeOf(recorded('FindingsParsed', { job_id: job.job_id, project: 'web' }), 'web');
  const top = [
    {
      id: 9,
      back: false,
      severity: 'error',
      tool: 'eslint',
      code: 'no-undef',
      file: 'src/a.js',
      line: 3,
      message: `x ${hostile}`,
    },
  ];
  const brief = { new: 2, back: 0, by_severity: { warn: 1, error: 1 }, top };
  const line = lineOf(notice, { publicUrl: 'https://farm.example.org', job, brief });
  assert.equal(line.words, 'audit in api on main failed: 2 new (1 error, 1 warn), 1 fixed, 4 of 9 tests failed');
  const slack = String(slackBody(line).text).split('\n');
  assert.match(
    slack[1] ?? '',
    /^• <https:\/\/farm\.example\.org\/ui\/findings\/9\|open> error eslint no-undef src\/a\.js:3 x /,
  );
  assert.doesNotMatch(slack[1]?.replace(/<https[^>]*>/, '') ?? '', /<[^>]*>|:\/\//);
  assert.match(
    String(discordBody(line).content),
    /\n- \[open\]\(<https:\/\/farm\.example\.org\/ui\/findings\/9>\) error/,
  );
  const many = Array.from({ length: 5 }, () => ({ ...top[0], message: '*'.repeat(300) })) as typeof top;
  assert.ok(
    String(discordBody(lineOf(notice, { publicUrl: null, job, brief: { ...brief, top: many } })).content).length <=
      2_000,
  );
  const well = { ...job, status: 'succeeded', new_findings_count: 0, tests: null } as unknown as JobDoc;
  const again = [{ ...top[0], id: 4, back: true, message: 'it was closed' }] as unknown as typeof top;
  const back = lineOf(notice, { publicUrl: null, job, brief: { new: 0, back: 1, by_severity: {}, top: again } });
  assert.match(back.words, /failed: 1 came back, 1 fixed/);
  assert.equal(back.items[0]?.words, 'back: error eslint no-undef src/a.js:3 it was closed');
  const none = { new: 0, back: 0, by_severity: {}, top: [] };
  assert.equal(
    lineOf(notice, { publicUrl: null, job: well, brief: none }).words,
    'audit in api on main is well: 1 fixed',
  );
  const rerun = { ...well, rerun_of: '0'.repeat(26), resolved_findings_count: 0 };
  assert.equal(
    lineOf(notice, { publicUrl: null, job: rerun, brief: none }).words,
    'audit in api on main is well, run again on the same commit',
  );
});

test('a pull request is linked only by an address of the web', () => {
  const at = (url: string) =>
    lineOf(noticeOf(recorded('PrOpened', { project: 'web', number: 4, url, title: 'T' }), 'web'), {
      publicUrl: null,
      job: null,
    });
  assert.deepEqual(at('https://git.example.org/a/b/pulls/4').links, [
    { title: '#4', url: 'https://git.example.org/a/b/pulls/4' },
  ]);
  assert.deepEqual(at('javascript:alert(1)').links, []);
  assert.match(
    String(slackBody(at('https://git.example.org/a|b>c')).text),
    /<https:\/\/git\.example\.org\/a%7Cb%3Ec\|/,
  );
});

test('references into the vault and environments stay inside, at any depth', () => {
  const data = sampleData('JobEnqueued', { env: { TOKEN: 'very-secret' }, credential_ref: 'ref-1' });
  const text = JSON.stringify(noticeOf(recorded('JobEnqueued', data), 'web'));
  assert.doesNotMatch(text, /very-secret|ref-1|_ref"|"env"/);
  assert.match(text, /"job_id"/);
});

test('a late digest names no project but the one that is told', () => {
  const data = { date: '2026-11-21', projects: ['web', 'secret-project'], reason: 'the relay does not answer' };
  const { data: told } = noticeOf(recorded('DigestOverdue', data), 'web');
  assert.deepEqual(told, { ...data, projects: ['web'] });
});

test('an event that is too large is told with its short fields alone', () => {
  const data = { job_id: 'j', project: 'web', occurrences: Array(500).fill({ message: 'x'.repeat(1_000) }) };
  const notice = noticeOf(recorded('FindingsObserved', data), 'web');
  assert.deepEqual(notice.data, { job_id: 'j', project: 'web', data_cut: true });
});

test('a ping says what it is', () => {
  const ping = pingOf('web', { id: 'p1', time: seen.time });
  assert.deepEqual(ping, { type: 'ping', id: 'p1', time: seen.time, project: 'web', seq: 0, data: {} });
  assert.equal(lineOf(ping, { publicUrl: null, job: null }).words, 'crafting-table says hello');
});

test('a job shows on its commit as pending, success, failure or error', () => {
  const states: [Partial<JobDoc>, string, RegExp][] = [
    [{ status: 'running' }, 'pending', /^audit is running$/],
    [{ status: 'parsing' }, 'pending', /running/],
    [{ status: 'succeeded' }, 'success', /^audit succeeded: 3 findings/],
    [{ status: 'failed' }, 'failure', /failed: 3 findings, 2 new/],
    [{ status: 'failed', reason: 'timeout' }, 'error', /failed \(timeout\)/],
    [{ status: 'cancelled', reason: 'cancelled' }, 'error', /cancelled/],
  ];
  for (const [changes, state, description] of states) {
    const status = commitStateOf({ ...job, ...changes }, 'crafting-table/api/audit', 'https://farm');
    assert.equal(status?.state, state);
    assert.match(status?.description ?? '', description);
    assert.ok((status?.description.length ?? 0) <= 140);
    assert.equal(status?.url, `https://farm/ui/jobs/${job.job_id}`);
  }
  assert.equal(commitStateOf({ ...job, sha: null }, 'x', null), null);
});
