import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { git } from '../../support/git-repository.ts';
import type { Json } from '../../support/http.ts';
import { mendingLinter, usualRules } from '../../support/mending-linter.ts';
import { fiveBad, type PatchLife, withLife } from '../../support/patch-life.ts';
import { until } from '../../support/until.ts';

const auto = { notify: { auto_patch: true } };
const isOpen = ({ status }: Json) => status === 'pr_opened';

/** Waits for so many open pull requests. */
const opened = ({ attempts }: PatchLife, count: number) =>
  until(async () => {
    const found = (await attempts()).filter(isOpen);
    return found.length >= count ? found : null;
  });

/** What mends `evil` here makes it `worse`, for which there is no edit. */
const evil = { ...usualRules.evil, fix: usualRules.worse.word };
const worsening = mendingLinter({ rules: [usualRules.bad, usualRules.worse, evil] });

describe('a project that asks for patches of itself', () => {
  it('gets three at once, the rest waits with the reason, and a merge or a refusal lets the next one begin', () =>
    withLife({ project: auto }, async (life) => {
      const { run, proposals, parts, tell, attempts } = life;
      const { findings } = await run();
      await opened(life, 3);
      const names = new Map(findings.map(({ id, file }) => [id, file.slice(5, -3)]));
      const shown = async () => (await attempts()).map((one) => `${names.get(one.finding_id)} ${one.status}`).sort();
      assert.deepEqual(await shown(), ['1 pr_opened', '2 pr_opened', '3 pr_opened'], 'the oldest of equals first');
      const { limit, open, waiting } = await proposals();
      assert.equal(limit, 3);
      assert.equal(open.length, 3);
      assert.deepEqual(
        waiting.map((one: Json) => [one.file, one.reason, one.actionable]),
        [
          ['src/f4.js', 'waiting', true],
          ['src/f5.js', 'waiting', true],
        ],
      );
      assert.match(waiting[0].detail, /3 proposals are open \(\d+-1, \d+-1, \d+-1\); 3 are the most/);
      const pullOf = async (name: string) =>
        (await attempts()).find((one) => names.get(one.finding_id) === name)?.pr_number;
      parts.forge.close(await pullOf('1'));
      assert.equal(await tell(await pullOf('1')), 202);
      await until(() => parts.forge.pulls.length === 4);
      await opened(life, 3);
      parts.forge.merge(await pullOf('2'));
      assert.equal(await tell(await pullOf('2')), 202);
      await until(() => parts.forge.pulls.length === 5);
      await life.quiet();
      const all = ['1 closed', '2 merged', '3 pr_opened', '4 pr_opened', '5 pr_opened'];
      assert.deepEqual(await shown(), all);
      assert.equal(parts.forge.pulls.length, 5, 'nothing was proposed twice');
    }));

  it('gets the most severe first, and of equals what costs nothing', () =>
    withLife(
      {
        project: {
          ...auto,
          subprojects: [{ path: '.', language: 'javascript', lint: 'node rank.cjs # eslint -f json' }],
        },
        files: {
          'rank.cjs': rankingLinter,
          'src/a.js': 'warned fixable\nfailing\nfailing fixable\nwarned\n',
        },
        answer: () => JSON.stringify({ decline: 'no idea' }),
      },
      async ({ run, events }) => {
        const { findings } = await run();
        const asked = await until(async () => {
          const found = await events('PatchRequested');
          return found.length >= 4 ? found : null;
        });
        assert.deepEqual(
          asked.slice(0, 3).map(({ data }) => findings.find(({ id }) => id === data.finding_id)?.code),
          ['no-2', 'no-1', 'no-0'],
          'an error with an edit, an error without one, a warning with an edit',
        );
      },
    ));

  it('counts what people asked for, and begins what waits before anything of its own', () =>
    withLife({}, async (life) => {
      const { run, ask, parts, tell, attempts, becomes } = life;
      const { job, findings } = await run();
      for (const finding of findings.slice(0, 3))
        assert.equal((await ask(job, finding)).json.attempt.status, 'pr_opened');
      const fourth = await ask(job, findings[3], 0);
      assert.equal(fourth.status, 202);
      assert.equal(fourth.json.attempt.status, 'requested');
      const waits = async () => {
        const { items } = (await life.http.get('/inbox')).json;
        return items.filter((one: Json) => one.kind === 'patch' && one.id === fourth.json.attempt.id);
      };
      const [item] = await waits();
      assert.match(
        item?.reason,
        /a place: 3 proposals of p are open before it \(#1, #2, #3\), and 3 at once are the most/,
      );
      const { attempt } = (await life.http.get(`/patches/${fourth.json.attempt.id}`)).json;
      assert.equal(`it waits for ${attempt.waits_for}`, item.reason);
      await life.change(auto);
      await run();
      assert.equal((await attempts()).length, 4);
      assert.equal((await life.attempt(fourth.json.attempt.id)).status, 'requested', 'it has no place yet');
      parts.forge.close(1);
      await tell(1);
      await becomes(fourth.json.attempt.id, isOpen);
      await life.quiet();
      assert.doesNotMatch((await waits())[0]?.reason, /a place/);
      assert.equal((await attempts()).length, 4);
      assert.equal(parts.forge.pulls.length, 4);
    }));

  it('gets nothing for other branches, while it is disabled, or for a job of the loop itself', () =>
    withLife({ project: auto, files: { 'src/a.js': 'const a = 1;\n' } }, async (life) => {
      const { run, commit, parts, attempts, events } = life;
      git(parts.bare, 'branch', 'side', 'main');
      commit({ 'src/a.js': 'const a = "bad";\n' }, 'side');
      assert.equal((await run({ branch: 'side' })).findings.length, 1);
      assert.deepEqual(await attempts(), []);
      commit({ 'src/b.js': 'const b = "bad";\n' });
      await life.change({ ...auto, enabled: false });
      assert.deepEqual((await events('PatchRequested')).length, 0);
      await life.change(auto);
      await run();
      await opened(life, 1);
      await life.quiet();
      assert.equal((await attempts()).length, 1);
      assert.equal((await events('JobEnqueued')).filter(({ data }) => data.purpose === 'verify').length, 1);
    }));

  it('stays silent where nothing is configured', () =>
    withLife({ project: auto, env: { CRAFTING_GITEA_URL: '', CRAFTING_GITEA_TOKEN: '' } }, async (life) => {
      await life.run();
      const again = await life.run();
      assert.equal(again.findings.length, 5);
      assert.deepEqual(await life.events('PatchRequested'), []);
      assert.deepEqual(await life.events('DeliveryAbandoned'), []);
      const answer = await life.ask(again.job, again.findings[0]);
      assert.equal(answer.status, 409);
      assert.match(answer.json.detail, /CRAFTING_GITEA_URL, CRAFTING_GITEA_TOKEN/);
    }));

  it('waits for the next run when its forge does not take anything', () =>
    withLife({ project: auto }, async ({ run, parts, attempts, quiet }) => {
      parts.forge.failNext({ route: 'POST /repos/{owner}/{repo}/pulls', status: 403, times: 6 });
      for (const ended of [3, 6]) {
        await run();
        await until(async () => (await attempts()).filter(({ status }) => status === 'abandoned').length === ended);
        await quiet();
        assert.equal((await attempts()).length, ended);
      }
    }));

  it('tries once what only makes it worse, and then the next', () =>
    withLife(
      { project: auto, files: { 'lint.pl': worsening, 'src/a.js': 'evil\n', 'src/b.js': 'bad\n' } },
      async (life) => {
        await life.run();
        await opened(life, 1);
        const failed = await until(async () =>
          (await life.attempts()).find(({ status }) => status === 'verify_failed'),
        );
        assert.equal(failed.failure.reason, 'new_findings');
        await life.quiet();
        assert.equal((await life.attempts()).length, 2);
      },
    ));

  it('without a forge begins what waits when a run shows that a place is free', () =>
    withLife({ env: { CRAFTING_PATCHER_FORGE: 'none' } }, async ({ run, ask, commit, becomes }) => {
      const { job, findings } = await run();
      const asked = [];
      for (const finding of findings.slice(0, 4)) asked.push((await ask(job, finding, 0)).json.attempt.id);
      for (const id of asked.slice(0, 3)) await becomes(id, ({ status }) => status === 'pushed');
      await becomes(asked[3], ({ status }) => status === 'requested');
      commit({ [findings[0].file]: 'const fine = 1;\n' });
      await run();
      await becomes(asked[3], ({ status }) => status === 'pushed');
      assert.equal((await becomes(asked[0], ({ open }) => !open)).status, 'pushed');
    }));

  it('is not asked about the same finding again before a newer run has seen it', () =>
    withLife({ project: auto, files: { 'src/f1.js': fiveBad['src/f1.js'] ?? '' } }, async (life) => {
      const { run, parts, attempts, becomes, tell } = life;
      parts.forge.failNext({ route: 'git POST git-receive-pack', status: 403 });
      await run();
      const first = await until(async () => (await attempts()).find(({ status }) => status === 'abandoned'));
      await life.quiet();
      assert.equal((await attempts()).length, 1, JSON.stringify(first.failure));
      await run();
      const second = `${first.finding_id}-2`;
      await until(() => parts.forge.pulls.length === 1);
      await becomes(second, isOpen);
      parts.forge.merge(1);
      await tell(1);
      await becomes(second, ({ status }) => status === 'merged');
      await until(async () => (await life.events('FindingResolved')).length === 1);
      assert.equal((await attempts()).length, 2);
    }));
});

/** Speaks like ESLint: a line that begins with `failing` is an error, with `warned` a warning; with `fixable` it has an edit. */
const rankingLinter = `
const text = require('node:fs').readFileSync('src/a.js', 'utf8');
let at = 0;
const messages = text.split('\\n').flatMap((line, index) => {
  const range = [at, at + line.length];
  at += line.length + 1;
  const severity = { f: 2, w: 1 }[line[0]];
  const fix = line.endsWith('fixable') ? { fix: { range, text: 'fine' } } : {};
  return severity ? [{ ruleId: 'no-' + index, severity, message: line, line: index + 1, column: 1, ...fix }] : [];
});
process.stdout.write(JSON.stringify([{ filePath: process.cwd() + '/src/a.js', messages, errorCount: 0, fatalErrorCount: 0,
  warningCount: 0, fixableErrorCount: 0, fixableWarningCount: 0, usedDeprecatedRules: [] }]));
process.exit(messages.length > 0 ? 1 : 0);
`;
