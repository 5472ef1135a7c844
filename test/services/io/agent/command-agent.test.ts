import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isAppError } from '../../../../services/floor/app-error.ts';
import { type CommandAgentOptions, openCommandAgent } from '../../../../services/io/agent/command-agent.ts';
import { temporaryFolder } from '../../../support/git-repository.ts';
import { paced } from '../../../support/pace.ts';

function stage(context: TestContext, command: string, more: Partial<CommandAgentOptions> = {}) {
  const folder = join(temporaryFolder(context), 'sessions');
  const options = { command, turnTimeoutSecs: 60, environment: process.env, folder, ...more };
  return { folder, options, agent: openCommandAgent(options) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function ended(pid: number): Promise<void> {
  assert.ok(pid > 1);
  while (isRunning(pid)) await nextTurn();
}

test('a program reads the prompt and its output is the answer', async (context) => {
  const { agent } = stage(context, 'printf "read: "; cat');
  const prompt = `${'ü"\n'.repeat(200_000)}end`;
  const reply = await agent.turn(await agent.open('12-1'), prompt);
  assert.equal(reply.text, `read: ${prompt}`);
  assert.deepEqual([reply.inputTokens, reply.outputTokens, reply.usd], [null, null, null]);
  assert.ok(reply.durationMs >= 0);
});

test('a program that does not read its input is no error', async (context) => {
  const { agent } = stage(context, 'echo done');
  assert.equal((await agent.turn(await agent.open('12-1'), 'x'.repeat(3_000_000))).text, 'done\n');
});

test('every turn tells all that was said before', async (context) => {
  const { agent } = stage(context, 'cat > seen; grep -c "" seen >/dev/null; cat seen; echo "(answered)"');
  const id = await agent.open('12-1');
  assert.equal((await agent.turn(id, 'first question')).text, 'first question(answered)\n');
  const second = (await agent.turn(id, 'second question')).text;
  assert.match(
    second,
    /first question[\s\S]*your answer 1\n[\s\S]*\(answered\)[\s\S]*to be answered now\nsecond question/,
  );
  assert.deepEqual(await agent.state(id), { turns: 2, closed: false });
});

test('it works in an empty folder, where nothing stays from the turn before', async (context) => {
  const { agent, folder } = stage(context, 'pwd; ls -A; touch left-over');
  const id = await agent.open('12-1');
  await agent.turn(id, 'x');
  assert.equal((await agent.turn(id, 'x')).text, `${join(folder, id, 'work')}\n`);
});

test('it knows PATH, HOME, LANG and what is named for it, never our own variables', async (context) => {
  const environment = {
    PATH: process.env.PATH,
    HOME: '/home/x',
    LANG: 'C',
    MODEL_NAME: 'm',
    SECRET: 's',
    CRAFTING_GITEA_TOKEN: 't',
  };
  const { agent } = stage(context, 'env', { environment, passOn: ['MODEL_NAME', 'CRAFTING_GITEA_TOKEN', ''] });
  const { text } = await agent.turn(await agent.open('12-1'), 'x');
  const names = text.split('\n').map((line) => line.split('=')[0]);
  assert.deepEqual(names.filter((name) => !['', 'PWD', 'OLDPWD', '_', 'SHLVL'].includes(name ?? '')).sort(), [
    'HOME',
    'LANG',
    'MODEL_NAME',
    'PATH',
  ]);
});

test('the key of the program is neither in an answer nor in an error', async (context) => {
  const environment = { PATH: process.env.PATH, MODEL_API_KEY: 'key-0123456789' };
  const told = stage(context, 'echo "$MODEL_API_KEY"', { environment, passOn: ['MODEL_API_KEY'] }).agent;
  assert.equal((await told.turn(await told.open('12-1'), 'x')).text, '[redacted]\n');
  const failing = stage(context, 'echo "bad key $MODEL_API_KEY" >&2; exit 3', {
    environment,
    passOn: ['MODEL_API_KEY'],
  }).agent;
  await assert.rejects(failing.turn(await failing.open('12-1'), 'x'), {
    code: 'unavailable',
    message: "The agent's command ended with exit code 3: bad key [redacted]",
  });
});

test('a program that does not exist, and one that is killed, are unavailable', async (context) => {
  for (const [command, words] of [
    ['no-such-program', /exit code 127: .*no-such-program/],
    ['kill -9 $$', /ended by a signal/],
  ] as const) {
    const { agent } = stage(context, command);
    await assert.rejects(
      agent.turn(await agent.open('12-1'), 'x'),
      (error) => isAppError(error, 'unavailable') && words.test(error.message),
    );
  }
});

test('output without end is refused, complaints without end are not', async (context) => {
  const { agent } = stage(context, 'yes');
  await assert.rejects(agent.turn(await agent.open('12-1'), 'x'), { code: 'invalid' });
  const loud = stage(context, 'head -c 30000000 /dev/zero >&2; echo answer').agent;
  assert.equal((await loud.turn(await loud.open('12-1'), 'x')).text, 'answer\n');
});

test('a timeout ends the program and its helpers, also those that ignore the first signal', async (context) => {
  const { agent, folder } = stage(context, `trap '' TERM; sleep 300 & echo $! > ../helper; wait; sleep 300`, {
    turnTimeoutSecs: paced(500) / 1000,
  });
  const id = await agent.open('12-1');
  await assert.rejects(agent.turn(id, 'x'), { code: 'timeout' });
  await ended(Number(readLine(folder, id, 'helper')));
});

test('a helper that outlives the program, even in a session of its own, holds nothing up', async (context) => {
  const { agent, folder } = stage(
    context,
    'sleep 300 & echo $! > ../helper; setsid sleep 300 & echo $! > ../far; echo answer',
  );
  const id = await agent.open('12-1');
  assert.equal((await agent.turn(id, 'x')).text, 'answer\n');
  await ended(Number(readLine(folder, id, 'helper')));
  process.kill(Number(readLine(folder, id, 'far')), 'SIGKILL');
});

test('a turn that is given up leaves no process', async (context) => {
  const { agent, folder } = stage(context, 'echo $$ > ../shell; sleep 300');
  const id = await agent.open('12-1');
  const giving = new AbortController();
  const asked = assert.rejects(agent.turn(id, 'x', giving.signal), { code: 'unavailable', reason: 'agent_aborted' });
  const pid = await written(folder, id, 'shell');
  await assert.rejects(agent.turn(id, 'y'), { code: 'unavailable', message: /another question/ });
  giving.abort();
  await asked;
  assert.equal(isRunning(pid), false);
  assert.deepEqual(await agent.state(id), { turns: 1, closed: false });
});

test('ending a conversation ends its program and leaves nothing; ending it twice is no error', async (context) => {
  const { agent, folder } = stage(context, 'echo $$ > ../shell; sleep 300');
  const id = await agent.open('12-1');
  const asked = assert.rejects(agent.turn(id, 'x'), { code: 'unavailable' });
  const pid = await written(folder, id, 'shell');
  await agent.close(id);
  await asked;
  assert.equal(isRunning(pid), false);
  assert.deepEqual(readdirSync(folder), []);
  await agent.close(id);
  assert.equal(await agent.state(id), null);
  await assert.rejects(agent.turn(id, 'x'), { code: 'not_found' });
});

test('a conversation is found after a restart, with what was asked; its lost program is ended', async (context) => {
  const { agent, folder, options } = stage(context, 'echo $$ > ../shell; sleep 300');
  const id = await agent.open('12-1');
  const asked = assert.rejects(agent.turn(id, 'lost question'), { code: 'unavailable' });
  const pid = await written(folder, id, 'shell');
  const again = openCommandAgent({ ...options, command: 'cat' });
  assert.equal(await again.find('12-1'), id);
  assert.equal(await again.find('12-10'), null);
  assert.equal(await again.find('2-1'), null);
  assert.deepEqual(await again.state(id), { turns: 1, closed: false });
  assert.match((await again.turn(id, 'y')).text, /lost question[\s\S]*this answer was lost[\s\S]*\ny$/);
  await asked;
  assert.equal(isRunning(pid), false);
});

test('conversations that nobody came back to go', async (context) => {
  const { agent, folder } = stage(context, 'cat');
  const old = await agent.open('1-1');
  const young = await agent.open('2-1');
  const before = Date.now() / 1000 - 3 * 86_400;
  utimesSync(join(folder, old), before, before);
  const newest = await agent.open('3-1');
  assert.deepEqual(readdirSync(folder).sort(), [young, newest].sort());
});

test('an id that leaves the folder, a folder of others and a broken file are refused', async (context) => {
  const { agent, folder } = stage(context, 'cat');
  for (const id of ['../x', '', 'a/b', '.']) await assert.rejects(agent.state(id), { code: 'invalid' });
  const id = await agent.open('1-1');
  writeFileSync(join(folder, id, 'conversation.json'), '{"turns":');
  await assert.rejects(agent.state(id), { code: 'unavailable' });
  assert.ok(existsSync(join(folder, id)));
  chmodSync(folder, 0o777);
  await assert.rejects(agent.open('1-1'), { code: 'unavailable', message: /somebody else/ });
  const blocked = join(temporaryFolder(context), 'file');
  writeFileSync(blocked, '');
  const elsewhere = openCommandAgent({ command: 'cat', turnTimeoutSecs: 1, environment: {}, folder: blocked });
  await assert.rejects(elsewhere.open('1-1'), { code: 'unavailable' });
});

function readLine(folder: string, id: string, name: string): string {
  const file = join(folder, id, name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

async function written(folder: string, id: string, name: string): Promise<number> {
  while (readLine(folder, id, name) === '') await nextTurn();
  return Number(readLine(folder, id, name));
}
