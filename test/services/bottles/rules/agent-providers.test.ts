import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endOfRun } from '../../../../services/bottles/rules/end-of-run.ts';
import { packState, unpackState } from '../../../../services/bottles/rules/frozen-state.ts';
import { providers } from '../../../../services/bottles/rules/providers/registry.ts';
import type { Cut } from '../../../../services/egress/rules/bottle-cut.ts';
import { watchAgent } from '../../../../services/runner/agents/agent-watch.ts';

test('a prompt is standard input and never an argument, and a model is one word of the shell', () => {
  for (const provider of Object.values(providers)) {
    const command = provider.command({ program: 'agent', model: "x'; rm -rf /", resumes: false });
    assert.match(command, /< "\$HOME\/\.crafting-table\/prompt\.md"$/, provider.name);
    if (provider.name !== 'generic') assert.ok(command.includes(String.raw`'x'\''; rm -rf /'`), command);
  }
  assert.match(providers.claude.command({ program: 'claude', model: null, resumes: true }), / --continue /);
  assert.match(providers.codex.command({ program: 'codex', model: null, resumes: true }), /exec resume --last /);
});

test('codex searches the web by its provider only where its manifest lists that', () => {
  const config = (...providerTools: string[]) =>
    providers.codex.home({ env: {}, sidecarTool: '/x/bottle', providerTools })['.codex/config.toml'] ?? '';
  assert.match(config(), /^model_provider = .*\n[^[]*web_search = "disabled"\n/);
  assert.match(config('code_execution'), /web_search = "disabled"/);
  assert.doesNotMatch(config('web_search'), /web_search/);
});

test('turns are read from what a program prints, and other lines say nothing', () => {
  const { claude, codex } = providers;
  assert.deepEqual(claude.readUsage('{"type":"result","num_turns":3,"session_id":"s"}'), { turns: 3, session: 's' });
  assert.deepEqual(codex.readUsage('{"type":"turn.completed","usage":{}}'), { turns: 1 });
  for (const line of ['', '{', '{"type":"result"', 'null', '{"type":"assistant"}'])
    assert.equal(claude.readUsage(line), null);
});

test('a frozen state comes back as it was, and nothing of it leads out of HOME', () => {
  const files = [{ path: '.agent/b', mode: 0o600, bytes: Buffer.from([0, 255]) }];
  const packed = packState({ diff: 'diff --git a/x b/x\n', files });
  assert.deepEqual(unpackState(packed), { diff: 'diff --git a/x b/x\n', files, note: null });
  const noted = packState({ diff: '', files: [], note: 'It is gone.' });
  assert.equal(unpackState(noted)?.note, 'It is gone.');
  const bad = packState({
    diff: '',
    files: ['../x', '/etc/x', 'a/../../x', ''].map((path) => ({ path, mode: 0o6777, bytes: Buffer.of() })),
  });
  assert.deepEqual(unpackState(bad), { diff: '', files: [], note: null });
  for (const bytes of [Buffer.from('no'), Buffer.of()]) assert.equal(unpackState(bytes), null);
});

test('done is only what was signalled, and what ended a run from outside comes first', () => {
  const facts = {
    isDone: false,
    cut: null,
    isStopped: false,
    isShutDown: false,
    silentSecs: null,
    detail: null,
    exitCode: 0,
  };
  type Facts = Parameters<typeof endOfRun>[0];
  const end = (more: Partial<Facts>) => endOfRun({ ...facts, ...more });
  const ends = (more: Partial<Facts>) => end(more).ended;
  const cut = (policy: Cut['policy'], more: Partial<Cut> = {}) =>
    ({ cut: { policy, why: 'budget', by: null, detail: 'of the farm', ...more } }) as const;
  assert.equal(ends({}), 'done_unreported');
  assert.equal(ends({ isDone: true, exitCode: 1 }), 'done');
  assert.equal(ends({ isDone: true, ...cut('cutoff') }), 'done');
  assert.equal(ends(cut('cutoff')), 'cut_off');
  assert.equal(ends({ isDone: true, ...cut('kill') }), 'killed');
  assert.equal(ends(cut('freeze')), 'frozen');
  assert.equal(ends({ isDone: true, isStopped: true }), 'stopped');
  assert.equal(ends({ isDone: true, isShutDown: true }), 'frozen');
  assert.equal(ends({ exitCode: 127 }), 'failed');
  assert.equal(ends({ silentSecs: 5 }), 'done_unreported');
  for (const [policy, budget, circle, asked] of [
    ['cutoff', 'did not finish without', 'did not finish without', 'cut off, and did not finish without'],
    ['freeze', 'was frozen', 'was frozen', 'frozen'],
    ['kill', 'was killed', 'was killed', 'killed'],
  ] as const) {
    assert.equal(end(cut(policy)).why, `It may spend no more, and ${budget}.`);
    assert.equal(end(cut(policy, { why: 'circle' })).why, `It went in a circle, and ${circle}.`);
    const byAnn = (detail: string) => end(cut(policy, { why: 'asked', by: 'ann', detail })).why;
    assert.deepEqual([byAnn('too slow'), byAnn('')], [`ann had it ${asked}: too slow`, `ann had it ${asked}.`]);
  }
});

test('a bottle whose requests are refused may still be frozen or killed, and the first of these counts', () => {
  const watch = watchAgent({ job: new AbortController().signal, silentMs: 2 ** 30 });
  const cut = (policy: Cut['policy']) => watch.cutOff({ policy, why: 'asked', by: 'ann', detail: '' });
  const seen = (['cutoff', 'kill', 'freeze', 'cutoff'] as const).map((policy) => {
    cut(policy);
    return [watch.cut()?.policy, watch.signal.aborted];
  });
  watch.stop();
  assert.deepEqual(seen, [['cutoff', false], ...Array.from({ length: 3 }, () => ['kill', true])]);
});
