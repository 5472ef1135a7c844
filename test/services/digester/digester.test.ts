import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../../support/http.ts';
import { until } from '../../support/until.ts';
import { register } from '../api/registered.ts';
import { appendJob, type DigestScene, hour, minute, withDigests } from './digest-scene.ts';

const ann = 'ann@example.org';
const bob = 'bob@example.org';

/** A project with an audit that found a critical vulnerability. */
async function withCve(scene: DigestScene, name: string, email: string[] = [ann]) {
  await register(scene.farm, name, { commands: { audit: 'true' }, notify: { email } });
  await appendJob(scene, name, { exit: 1, cves: [{ severity: 'critical', code: 'GHSA-1234' }] });
}

const digestOf = async ({ farm, date }: Pick<DigestScene, 'farm' | 'date'>): Promise<Json> =>
  (await farm.http.get(`/digests/${date}`)).json;

async function typesOf({ farm }: DigestScene): Promise<string[]> {
  const { text } = await farm.http.get('/events');
  const types = text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).type as string);
  return types.filter((type) => type.startsWith('Digest'));
}

test('at six one mail goes to each recipient, with a section for each of their projects', () =>
  withDigests(async (scene) => {
    const { farm, relay, clock, date } = scene;
    await withCve(scene, 'alpha', [ann, bob]);
    await withCve(scene, 'beta', [ann]);
    await register(farm, 'quiet', { notify: { email: [ann] } });
    await register(farm, 'unheard');
    await scene.digester();
    await clock.forward(9 * minute);
    assert.deepEqual(await typesOf(scene), []);
    await clock.forward(minute);
    assert.equal(relay.arrived.length, 2);
    const [toAnn, toBob] = [ann, bob].map((address) => relay.arrived.find(({ to }) => to[0] === address)?.mail);
    assert.equal(toAnn?.subject, 'alpha, beta: 2 new critical CVEs, 2 jobs failed');
    assert.equal(toBob?.subject, 'alpha: 1 new critical CVE, 1 job failed');
    assert.match(toAnn?.text ?? '', /\nalpha\n=====\n\nNEEDS ACTION[\s\S]*GHSA-1234[\s\S]*\nbeta\n====\n/);
    assert.doesNotMatch(toAnn?.text ?? '', /quiet|unheard/);
    assert.equal(toAnn?.date, `${date}T06:00:00.000Z`);
    const digest = await digestOf(scene);
    assert.deepEqual(digest.skipped, [{ project: 'quiet', reason: 'nothing to say' }]);
    assert.deepEqual(
      digest.projects.map(({ project, settled }: Json) => [project, settled]),
      [
        ['alpha', true],
        ['beta', true],
        ['quiet', true],
      ],
    );
    await clock.forward(hour);
    await clock.forward(20 * hour);
    assert.equal(relay.arrived.length, 2);
    assert.deepEqual((await typesOf(scene)).toSorted(), [
      'DigestDue',
      'DigestDue',
      'DigestDue',
      'DigestSending',
      'DigestSending',
      'DigestSent',
      'DigestSent',
      'DigestSkipped',
    ]);
    assert.ok(!(await farm.http.get('/events')).text.includes('@example.org"'), 'no address is in the log');
  }));

test('an old digest is the same byte for byte after more events and a rebuild', () =>
  withDigests(async (scene) => {
    const { farm, relay, clock } = scene;
    await withCve(scene, 'alpha');
    await scene.digester();
    await clock.forward(11 * minute);
    const before = (await digestOf(scene)).mails[0];
    const [arrived] = relay.arrived;
    assert.equal(arrived?.mail.text?.trimEnd(), before.text.trimEnd());
    assert.equal(arrived?.mail.html?.trimEnd(), before.html.trimEnd());
    await appendJob(scene, 'alpha', { exit: 1, cves: [{ severity: 'high', code: 'GHSA-later' }] });
    const [finding] = (await farm.http.get('/findings')).json.findings;
    await farm.http.post(`/findings/${finding.id}/suppress`, { reason: 'known' });
    await farm.http('PUT', '/projects/alpha', { body: { notify: { email: [ann], on: ['audit_pass'] } } });
    assert.equal((await farm.http.post('/admin/rebuild')).json.equal, true);
    const after = (await digestOf(scene)).mails[0];
    assert.deepEqual([after.subject, after.text, after.html], [before.subject, before.text, before.html]);
    await farm.http('DELETE', '/projects/alpha');
    const gone = (await digestOf(scene)).mails[0];
    assert.match(gone.text, /This project was removed/);
    assert.doesNotMatch(gone.text, /GHSA/);
  }));

test('the next digest begins where the last one ended', () =>
  withDigests(async (scene) => {
    const { relay, clock } = scene;
    await withCve(scene, 'alpha');
    await scene.digester();
    await clock.forward(11 * minute);
    await appendJob(scene, 'alpha', { exit: 1, cves: [{ severity: 'high', code: 'GHSA-later' }] });
    await clock.forward(24 * hour);
    assert.equal(relay.arrived.length, 2);
    assert.match(relay.arrived[1]?.mail.text ?? '', /GHSA-later/);
    assert.doesNotMatch(relay.arrived[1]?.mail.text ?? '', /GHSA-1234/);
    assert.notEqual(relay.arrived[0]?.mail.messageId, relay.arrived[1]?.mail.messageId);
  }));

test('two digesters send one mail', () =>
  withDigests(async (scene) => {
    for (const name of ['alpha', 'beta', 'gamma']) await withCve(scene, name, [ann, bob]);
    await Promise.all([scene.digester(), scene.digester()]);
    await scene.clock.forward(11 * minute);
    await scene.clock.forward(minute);
    assert.equal(scene.relay.arrived.length, 2);
    for (const { mail } of scene.relay.arrived) assert.match(mail.subject ?? '', /^3 projects: 3 new critical CVEs/);
  }));

test('of two digesters that claim a mail in the same moment one sends it', () =>
  withDigests(async (scene) => {
    await withCve(scene, 'alpha', [ann, bob]);
    const { log } = scene.farm.store;
    const claims = new Map<string, { count: number; both: PromiseWithResolvers<void> }>();
    /** Holds back every claim until both have looked and found the mail unclaimed. */
    const append: typeof log.append = async (draft, options) => {
      if (draft.type === 'DigestSending') {
        const claim = claims.get(draft.id) ?? { count: 0, both: Promise.withResolvers<void>() };
        claims.set(draft.id, claim);
        claim.count += 1;
        if (claim.count === 2) claim.both.resolve();
        await claim.both.promise;
      }
      return log.append(draft, options);
    };
    await Promise.all([scene.digester(60_000, { ...log, append }), scene.digester(60_000, { ...log, append })]);
    await scene.clock.forward(11 * minute);
    assert.deepEqual(
      [...claims.values()].map(({ count }) => count),
      [2, 2],
    );
    assert.equal(scene.relay.arrived.length, 2);
  }));

test('a relay that is busy is asked again, later and later, and the mail arrives once', () => {
  let refusing = 3;
  const refuse = () => {
    refusing -= 1;
    return refusing >= 0 ? { code: 450, words: 'busy' } : null;
  };
  return withDigests(
    async (scene) => {
      await withCve(scene, 'alpha');
      await scene.digester();
      await scene.clock.forward(11 * minute);
      const [mail] = (await digestOf(scene)).mails;
      assert.deepEqual([mail.status, mail.attempt, mail.permanent], ['failed', 1, false]);
      for (let round = 0; round < 4; round += 1) await scene.clock.forward(hour);
      assert.equal(scene.relay.arrived.length, 1);
      const [sent] = (await digestOf(scene)).mails;
      assert.deepEqual([sent.status, sent.attempt], ['sent', 4]);
    },
    { refuse },
  );
});

test('a refusal for ever is recorded, shown, and noticed half an hour later', () =>
  withDigests(
    async (scene) => {
      await withCve(scene, 'alpha');
      await scene.digester();
      await scene.clock.forward(11 * minute);
      await scene.clock.forward(2 * hour);
      const [mail] = (await digestOf(scene)).mails;
      assert.deepEqual([mail.status, mail.attempt, mail.permanent], ['failed', 1, true]);
      assert.match(mail.reason, /no such user …/);
      assert.equal((await typesOf(scene)).filter((type) => type === 'DigestOverdue').length, 1);
      const ready = await scene.farm.http.get('/readyz');
      assert.equal(ready.status, 200);
      assert.match(ready.text, new RegExp(`the digest of ${scene.date} is overdue: .*no such user`));
      assert.match((await scene.farm.http.get('/metrics')).text, /^crafting_digest_overdue 1$/m);
    },
    { refuse: (address) => ({ code: 550, words: `no such user ${address}` }) },
  ));

test('a digester that does not come is noticed by the service', () =>
  withDigests(async (scene) => {
    await withCve(scene, 'alpha');
    await scene.clock.forward(39 * minute);
    assert.match((await scene.farm.http.get('/readyz')).text, /nothing is overdue/);
    await scene.clock.forward(2 * minute);
    assert.match((await scene.farm.http.get('/readyz')).text, /is overdue: no digester has taken it up/);
  }));

test('a mail that was about to be handed over when its digester died is not sent again, and that is said', () =>
  withDigests(async (scene) => {
    const { farm, clock, date, relay } = scene;
    await withCve(scene, 'alpha');
    const [preview] = (await farm.http.post('/admin/digest/run-now', { dry_run: true })).json.mails;
    const base = { date, recipient: preview.recipient, projects: ['alpha'], message_id: '<a@b>' };
    const id = `${date}.${preview.recipient}`;
    await scene.append({ type: 'DigestSending', id, data: { ...base, attempt: 1 } });
    await scene.digester(1);
    await clock.forward(11 * minute);
    await clock.forward(minute);
    const [mail] = (await digestOf(scene)).mails;
    assert.deepEqual([mail.status, mail.permanent, relay.arrived.length], ['failed', true, 0]);
    assert.match(mail.reason, /outcome unknown/);
  }));

test('a dry run shows what would be sent, without a relay and without a trace', () =>
  withDigests(
    async (scene) => {
      await withCve(scene, 'alpha', [ann, bob]);
      await scene.digester();
      const { json } = await scene.farm.http.post('/admin/digest/run-now', { dry_run: true });
      assert.equal(json.mails.length, 2);
      assert.match(json.mails[0].subject, /^alpha: 1 new critical CVE/);
      assert.match(json.mails[0].html, /GHSA-1234/);
      assert.ok(!JSON.stringify(json).includes(ann));
      const refused = await scene.farm.http.post('/admin/digest/run-now', {});
      assert.deepEqual([refused.status, refused.json.code], [409, 'digest_disabled']);
      await scene.clock.forward(2 * hour);
      assert.deepEqual(await typesOf(scene), []);
    },
    { smtp: false },
  ));

test('run-now sends the digest of today once, and six finds it sent', () =>
  withDigests(async (scene) => {
    await withCve(scene, 'alpha');
    await scene.digester();
    const { status, json } = await scene.farm.http.post('/admin/digest/run-now', {});
    assert.deepEqual([status, json.projects], [202, ['alpha']]);
    await scene.clock.forward(minute);
    assert.equal(scene.relay.arrived.length, 1);
    const again = await scene.farm.http.post('/admin/digest/run-now', {});
    assert.deepEqual([again.status, again.json.code], [409, 'digest_already_sent']);
    await scene.clock.forward(hour);
    assert.equal(scene.relay.arrived.length, 1);
  }));

test('a project that comes after the digest of a date is told of by a digest of its own, also to the same people', () =>
  withDigests(async (scene) => {
    const { farm, clock, relay } = scene;
    await withCve(scene, 'alpha');
    await scene.digester();
    assert.deepEqual((await farm.http.post('/admin/digest/run-now', {})).json.projects, ['alpha']);
    await clock.forward(minute);
    await withCve(scene, 'beta');
    const { status, json } = await farm.http.post('/admin/digest/run-now', {});
    assert.deepEqual([status, json.projects], [202, ['beta']]);
    await clock.forward(minute);
    const again = await farm.http.post('/admin/digest/run-now', {});
    assert.deepEqual([again.status, again.json.code], [409, 'digest_already_sent']);
    await clock.forward(hour);
    const subjects = relay.arrived.map(({ mail }) => mail.subject?.split(':')[0]);
    assert.deepEqual(subjects, ['alpha', 'beta']);
    assert.equal((await digestOf(scene)).mails.length, 2);
  }));

test('digests are for admins alone', () =>
  withDigests(async ({ farm, date }) => {
    const bearer = await farm.http.mint('dev');
    for (const answer of [
      await farm.http.get(`/digests/${date}`, { bearer }),
      await farm.http.post('/admin/digest/run-now', { dry_run: true }, { bearer }),
    ])
      assert.deepEqual([answer.status, answer.json.code], [403, 'admin_only']);
    assert.equal((await farm.http.get('/digests/2026-02-30')).status, 404);
    assert.equal((await farm.http.get('/digests/2999-01-01')).status, 404);
    assert.equal((await farm.http.get('/digests/today')).status, 400);
  }));

test('what tools say is shown as text, bounded, and nothing of it becomes HTML or a link', () =>
  withDigests(async (scene) => {
    await register(scene.farm, 'alpha', { notify: { email: [ann] } });
    const hostile = '<img src=x onerror=alert(1)>\r\nBcc: all@example.org\u202e https://evil.example/x?a=1&b="2"';
    const cves = Array.from({ length: 300 }, (_, at) => ({
      severity: 'high' as const,
      code: `GHSA-${at}`,
      message: hostile,
      file: `${'界'.repeat(60)}/<b>${at}.lock`,
    }));
    await appendJob(scene, 'alpha', { exit: 1, cves });
    await scene.digester();
    await scene.clock.forward(11 * minute);
    const mail = await until(() => scene.relay.arrived[0]?.mail);
    const [text, html] = [mail.text ?? '', mail.html ?? ''];
    assert.match(text, /… and 288 more/);
    assert.doesNotMatch(html, /<img|<b>|\u202e/);
    assert.doesNotMatch(text + html, /https?:\/\/|all@example/);
    assert.ok(!mail.headers.some(({ key }) => key === 'bcc'));
    for (const line of text.split('\n')) assert.ok(line.length <= 78, line);
    assert.ok(mail.subject !== undefined && mail.subject.length < 100);
  }));
