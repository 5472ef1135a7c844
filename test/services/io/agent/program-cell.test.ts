import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Network } from '../../../../events/projects/project.ts';
import { openCommandAgent } from '../../../../services/io/agent/command-agent.ts';
import { programCell } from '../../../../services/io/agent/program-cell.ts';
import { openSandbox } from '../../../../services/io/sandbox/open-sandbox.ts';
import { levelTrouble, openScene } from '../sandbox/cell-scene.ts';

const trouble = await levelTrouble('bwrap');

describe("an agent's command that is shut in", { skip: trouble ?? false }, async () => {
  if (trouble !== null) return;
  const scene = await openScene('bwrap');
  const { dir, processes, sandbox } = scene;
  after(() => scene.close());
  const folder = join(dir, 'data', 'agent');
  const home = join(dir, 'data', 'agent-home');
  const agent = (command: string, network: Network = { allow: [] }, turnTimeoutSecs = 20) =>
    openCommandAgent({
      ...{ command, turnTimeoutSecs, folder, environment: { PATH: process.env.PATH, KEY: 'k-0123456789' } },
      passOn: ['KEY'],
      run: programCell({ open: async () => ({ processes, sandbox }), home, network }),
    });
  const asked = async (command: string, ...more: [Network?, number?]) => {
    const one = agent(command, ...more);
    return one.turn(await one.open('1-1'), "it's the prompt\n");
  };

  it('reads the prompt, and its output is the answer', async () => {
    assert.equal((await asked('cat; echo complaint >&2; pwd')).text.split('\n')[0], "it's the prompt");
    const long = agent('wc -c');
    assert.equal((await long.turn(await long.open('1-2'), 'x'.repeat(3_000_000))).text.trim(), '3000000');
  });

  it('reaches nothing of the farm, nor of the machine', async () => {
    const tries = [
      `cat '${dir}/data/secret.key'`,
      `cat '${dir}/data/admin-bearer.txt'`,
      `cat '${dir}/elsewhere/id'`,
      'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep VICTIM_SECRET',
      `kill -0 ${process.pid}`,
      `perl -MIO::Socket::INET -e 'print "reached" if IO::Socket::INET->new("127.0.0.1:${scene.port}")'`,
      'cat ../conversation.json',
    ];
    for (const one of tries) assert.equal((await asked(`(${one}) 2>/dev/null; true`)).text, '', one);
  });

  it('keeps its HOME between turns, and has it alone', async () => {
    await asked('echo token > ~/.login');
    assert.equal((await asked('cat ~/.login')).text, 'token\n');
    assert.equal(readFileSync(join(home, '.login'), 'utf8'), 'token\n');
    const { stdout } = await scene.run('cat ~/.login DATA/agent-home/.login 2>/dev/null');
    assert.equal(stdout.toString(), '');
  });

  it('names the hosts that it wanted and may not reach', async () => {
    const command =
      'perl -MIO::Socket::INET -e \'$s = IO::Socket::INET->new("127.0.0.1:3128"); print $s "CONNECT api.example.org:443 HTTP/1.1\\r\\n\\r\\n"; print scalar <$s>\'; exit 4';
    await assert.rejects(asked(command), {
      code: 'unavailable',
      message: /exit code 4: network: api\.example\.org:443 is not on the list.*CRAFTING_AGENT_HOSTS names the hosts/,
    });
  });

  it('is ended when it takes too long or prints without end, and its key is not shown', async () => {
    await assert.rejects(asked('trap "" TERM; sleep 300 & wait', undefined, 0.5), { code: 'timeout' });
    await assert.rejects(asked('yes'), { code: 'invalid' });
    assert.equal((await asked('head -c 30000000 /dev/zero >&2; echo "$KEY"')).text, '[redacted]\n');
  });

  it('leaves no prompt behind', async () => {
    for (const session of readdirSync(folder))
      assert.deepEqual(readdirSync(join(folder, session)).sort(), ['conversation.json', 'work']);
  });

  it('is not run where there is no such sandbox', async () => {
    const open = async () => ({
      processes,
      sandbox: await openSandbox({ want: 'none', processes, env: {}, cacheDir: dir, own: [], show: [] }),
    });
    const one = openCommandAgent({
      command: 'echo x',
      turnTimeoutSecs: 5,
      folder,
      environment: {},
      run: programCell({ open, home, network: 'on' }),
    });
    await assert.rejects(one.turn(await one.open('9-9'), 'x'), {
      code: 'unavailable',
      message: /is to be shut in, and this machine gives the sandbox none.*CRAFTING_AGENT_SANDBOX=off/,
    });
  });
});
