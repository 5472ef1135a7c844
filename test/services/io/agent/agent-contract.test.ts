import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Agent } from '../../../../services/io/agent/agent.ts';
import { openClawdforge } from '../../../../services/io/agent/clawdforge-agent.ts';
import { openCommandAgent } from '../../../../services/io/agent/command-agent.ts';
import { startClawdforge } from '../../../support/clawdforge-server.ts';
import { temporaryFolder } from '../../../support/git-repository.ts';

const token = 'cf_contract_token';
/** Adapters in front of somebody who answers what the last line of a prompt says, and fails at `fail`. */
const adapters: Record<string, (context: TestContext) => Promise<() => Agent>> = {
  clawdforge: async (context) => {
    const answer = (prompt: string) => {
      if (prompt === 'fail') throw new Error('no');
      return prompt;
    };
    const { url } = await startClawdforge({ token, answer, context });
    return () => openClawdforge({ url, token, model: null, turnTimeoutSecs: 60 });
  },
  command: async (context) => {
    const command =
      'line=$(cat; echo); line=$(printf "%s" "$line" | tail -n 1); [ "$line" != fail ] && printf %s "$line"';
    const folder = join(temporaryFolder(context), 'sessions');
    return () => openCommandAgent({ command, turnTimeoutSecs: 60, environment: process.env, folder });
  },
};

for (const [name, adapter] of Object.entries(adapters)) {
  test(`${name}: a conversation lives from its opening to its end, also for who opens the adapter again`, async (context) => {
    const open = await adapter(context);
    const agent = open();
    assert.equal(agent.adapter, name);
    assert.equal(await agent.find('7-1'), null);
    const id = await agent.open('7-1');
    const other = await agent.open('7-2');
    assert.match(id, /^[A-Za-z0-9_-]{1,128}$/);
    assert.equal(await open().find('7-1'), id);
    assert.deepEqual(await agent.state(id), { turns: 0, closed: false });
    assert.equal((await agent.turn(id, 'one')).text, 'one');
    assert.equal((await open().turn(id, 'two')).text, 'two');
    assert.deepEqual(await open().state(id), { turns: 2, closed: false });
    await agent.close(id);
    await open().close(id);
    assert.equal(await agent.find('7-1'), null);
    assert.equal((await agent.state(id))?.closed ?? true, true);
    await assert.rejects(agent.turn(id, 'three'), { code: 'not_found' });
    assert.equal((await agent.turn(other, 'other')).text, 'other');
  });

  test(`${name}: a turn that fails counts, and the conversation goes on`, async (context) => {
    const agent = (await adapter(context))();
    const id = await agent.open('7-1');
    await assert.rejects(agent.turn(id, 'fail'), { code: 'unavailable' });
    assert.deepEqual(await agent.state(id), { turns: 1, closed: false });
    assert.equal((await agent.turn(id, 'again')).text, 'again');
  });

  test(`${name}: what nobody knows is neither there nor asked, and ends without an error`, async (context) => {
    const agent = (await adapter(context))();
    assert.equal(await agent.state('no-such-id'), null);
    await agent.close('no-such-id');
    await assert.rejects(agent.turn('no-such-id', 'x'), { code: 'not_found' });
    for (const id of ['', '..', 'a/b']) await assert.rejects(agent.turn(id, 'x'), { code: 'invalid' });
  });
}
