import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type BottleLife, signalDone, withBottles } from '../../support/bottle-life.ts';
import type { Json } from '../../support/http.ts';
import { type AskedOf, type ProviderServer, startProvider } from '../../support/provider-server.ts';
import { levelTrouble } from '../io/sandbox/cell-scene.ts';

/**
 * A folder into which `npm install @anthropic-ai/claude-code @openai/codex` put the programs themselves: nearly a gigabyte, so that
 * nobody gets them unasked.
 */
const folder = process.env['CRAFTING_TEST_AGENTS'] ?? '';
const none = folder === '' ? 'CRAFTING_TEST_AGENTS names no folder with claude and codex' : false;
const noBwrap = (await levelTrouble('bwrap')) ?? false;

const programs = {
  claude: {
    binary: '@anthropic-ai/claude-code-linux-x64/claude',
    model: 'claude-sonnet-4-5',
    env: (url: string) => ({ CRAFTING_ANTHROPIC_KEY: 'sk-the-real-key', CRAFTING_ANTHROPIC_URL: url }),
    said: ({ body }: AskedOf) => body['messages'],
    shell: 'Bash',
    run: (command: string) => ({ command, description: 'Mend it' }),
    isResult: /"type":"tool_result"/g,
  },
  codex: {
    binary: '@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex',
    model: 'gpt-5',
    env: (url: string) => ({ CRAFTING_OPENAI_KEY: 'sk-the-real-key', CRAFTING_OPENAI_URL: url }),
    said: ({ body }: AskedOf) => body['input'],
    shell: /^(exec_command|shell_command|shell)$/,
    run: (command: string) => ({ cmd: command, command: command }),
    isResult: /"type":"function_call_output"/g,
  },
} as const;

type Program = (typeof programs)[keyof typeof programs];

const namesOf = ({ body }: AskedOf): string[] =>
  (body['tools'] as Json[] | undefined)?.flatMap((tool) => tool.name ?? []) ?? [];

/** The model that it speaks to mends the file, says that it is done, and ends. */
function plan(provider: ProviderServer, program: Program, line: string): void {
  provider.tool = (asked) => {
    const names = namesOf(asked);
    const said = JSON.stringify(program.said(asked) ?? []);
    // Since the last words of the prompt: a session that goes on has earlier results.
    const since = said.slice(said.lastIndexOf(line));
    const results = since.match(program.isResult)?.length ?? 0;
    const shell = names.find((name) =>
      typeof program.shell === 'string' ? name === program.shell : program.shell.test(name),
    );
    const done = names.find((name) => name.endsWith('signal_done'));
    if (!said.includes(line) || shell === undefined) return null;
    if (results === 0) return [shell, program.run('echo 3 >> sum.txt')];
    if (results === 1 && done) return [done, { status: 'success', summary: 'The total is 6.' }];
    // Where the tools of a server stand in a room of their own, the program on the PATH says the same.
    return results === 1 ? [shell, program.run(signalDone)] : null;
  };
}

for (const name of ['claude', 'codex'] as const)
  describe(`${name} at work in a bottle`, () => {
    const program = programs[name];
    const binary = join(folder, 'node_modules', program.binary);
    const skip = none || noBwrap || (existsSync(binary) ? false : `${binary} is not there`);
    it('gets its prompt, speaks to the gateway alone, is metered to the token, and goes on with its session', {
      skip,
    }, async () => {
      const provider = await startProvider();
      try {
        const env = { ...program.env(provider.url), CRAFTING_SANDBOX_SHOW: folder };
        const manifest = { provider: name, model: program.model };
        await withBottles(binary, (life) => works(life, provider, program), { env, manifest });
      } finally {
        await provider.close();
      }
    });
  });

async function works({ run, log, diff, events }: BottleLife, provider: ProviderServer, program: Program) {
  plan(provider, program, 'Make the total 6.');
  const first = await run();
  const said = await log(first.id);
  assert.equal(first.ended, 'done', `${first.why} ${said}`);
  assert.match(await diff(first.id), /\+3\n/);
  for (const { headers } of provider.asked)
    assert.match(JSON.stringify(headers), /sk-the-real-key/, 'each has the key of the farm');
  const offered = provider.asked.map(({ body }) => JSON.stringify(body['tools'] ?? []));
  assert.ok(
    offered.some((tools) => tools.includes('signal_done')),
    'the sidecar is among its tools from the first question on',
  );
  assert.doesNotMatch(said, /sk-the-real-key/);
  plan(provider, program, 'Once more, please.');
  const before = provider.asked.length;
  const second = await run({ session: first.session, prompt: 'Once more, please.' });
  assert.equal(second.ended, 'done', `${second.why} ${await log(second.id)}`);
  const again = provider.asked.slice(before).map((asked) => JSON.stringify(program.said(asked) ?? []));
  const both = again.filter((one) => one.includes('Once more, please.'));
  assert.ok(
    both.some((one) => one.includes('Make the total 6.')),
    'it remembers what it was asked before',
  );
  assert.match(await diff(second.id), /\+3\n\+3\n/);
  const metered = await events('TokensMetered');
  const counted = metered.reduce((sum, { data: { usage } }) => {
    return sum + usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.output_tokens;
  }, 0);
  assert.equal(counted, provider.billed(), 'to the token');
  assert.deepEqual(
    metered.filter(({ data }) => data.estimated),
    [],
    'no stream broke',
  );
  assert.deepEqual((await events('BottleCalled')).filter(({ data }) => data.method === 'signal_done').length, 2);
}
