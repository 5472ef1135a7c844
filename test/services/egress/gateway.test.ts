import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { CutoffPolicy } from '../../../events/work/budget.ts';
import { tokensOf } from '../../../services/egress/rules/usage-counts.ts';
import { ask, bottleId, message, realKey, withPlane } from '../../support/egress-plane.ts';
import { memoryEventLog } from '../../support/memory-event-log.ts';
import { replyShapes } from '../../support/provider-replies.ts';
import { someUsage } from '../../support/provider-server.ts';
import { until } from '../../support/until.ts';

const said = { model: 'claude-sonnet-4-5', text: 'All tests pass now.', usage: someUsage };
const encoded = Buffer.from(realKey).toString('base64').slice(0, -2);
const chatBody = (more: object = {}) => ({
  model: 'gpt-5',
  max_completion_tokens: 100,
  messages: [{ role: 'user', content: 'Mend it.' }],
  ...more,
});

describe('the gateway of a bottle', () => {
  it('sends what it read: of a name that stands twice, one value', () =>
    withPlane(async ({ provider, open }) => {
      let sent = '';
      const access = await open();
      const twice = JSON.stringify(chatBody()).replace('{', '{"n":64,"max_completion_tokens":90000,');
      const { status } = await ask(access, '/openai/v1/chat/completions', twice.replace('}', ',"n":1}'));
      sent = JSON.stringify(provider.asked.map(({ headers }) => headers['content-length']));
      assert.equal(status, 200);
      assert.ok(Number(JSON.parse(sent)[0]) < twice.length, sent);
    }));

  it('adds the real key, passes the answer byte for byte, and writes down what it took', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      const access = await open();
      const answer = await ask(access, '/anthropic/v1/messages?beta=true', message(), {
        headers: { 'anthropic-version': '2023-06-01', cookie: 'a=b', authorization: 'Bearer x' },
      });
      assert.equal(answer.status, 200);
      assert.equal(answer.text, JSON.stringify(replyShapes.anthropic.whole(said)));
      const { headers, url } = provider.asked[0] ?? assert.fail();
      assert.equal(url, '/v1/messages?beta=true');
      assert.equal(headers['x-api-key'], realKey);
      assert.equal(headers['anthropic-version'], '2023-06-01');
      assert.equal(headers.cookie ?? headers.authorization, undefined);
      assert.equal(answer.headers['request-id'], 'req_1');
      assert.equal(answer.headers['set-cookie'] ?? answer.headers['anthropic-organization-id'], undefined);
      const [metered] = eventsOf('TokensMetered');
      assert.deepEqual(metered?.data.usage, someUsage);
      assert.deepEqual(metered?.data.money, { nano_usd: 40 * 3000 + 10 * 300 + 50 * 15_000, prices: '2025-11-24' });
      assert.deepEqual(
        [metered?.data.estimated, metered?.data.source, metered?.data.project],
        [false, 'response', 'web'],
      );
      assert.doesNotMatch(
        JSON.stringify([access.env, eventsOf('TokensMetered'), eventsOf('TokensReserved')]),
        /sk-the-real/,
      );
      assert.equal(access.env.ANTHROPIC_BASE_URL, 'http://127.0.0.1:3128/anthropic');
      assert.equal(access.env.OPENAI_BASE_URL, 'http://127.0.0.1:3128/openai/v1');
    }));

  it('asks the provider while the share of a call is still on its way to the disk, and hands nothing on before it is there', async () => {
    const disk = Promise.withResolvers<void>();
    const log = memoryEventLog();
    const slow = { ...log, flush: () => disk.promise };
    await withPlane(
      async ({ provider, open }) => {
        const access = await open();
        let told = '';
        const answer = ask(access, '/anthropic/v1/messages', message({ stream: true }), {
          onChunk: (text) => {
            told += text;
          },
        });
        await until(() => provider.billed() > 0, 'the provider is asked');
        assert.equal(log.all().filter(({ type }) => type === 'TokensReserved').length, 1);
        await ask(access, '/anthropic/v1/models', '', { method: 'GET' });
        assert.equal(told, '', 'nothing was handed on');
        disk.resolve();
        assert.equal((await answer).status, 200);
        assert.match(told, /event: message_stop/);
      },
      { log: slow },
    );
  });

  it('charges an answer whose share did not reach the disk, and does not hand it on', async () => {
    const log = memoryEventLog();
    const broken = { ...log, flush: () => Promise.reject(new Error('EIO: i/o error, fdatasync')) };
    await withPlane(
      async ({ provider, open }) => {
        const access = await open();
        const { status, text } = await ask(access, '/anthropic/v1/messages', message());
        // Anthropic's own status for `overloaded_error`.
        assert.deepEqual([status, provider.asked.length], [529, 1]);
        assert.match(text, /The ledger cannot be written at the moment/);
        const [metered] = log.all().filter((one) => one.type === 'TokensMetered');
        assert.equal(metered?.type === 'TokensMetered' && metered.data.estimated, true);
      },
      { log: broken },
    );
  });

  for (const encoding of ['identity', 'gzip'])
    it(`streams with ${encoding}, and meters all formats alike`, () =>
      withPlane(async ({ open, eventsOf }) => {
        const access = await open();
        const headers = { 'accept-encoding': encoding };
        await ask(access, '/anthropic/v1/messages', message({ stream: true }), { headers });
        await ask(
          access,
          '/openai/v1/chat/completions',
          chatBody({ stream: true, stream_options: { include_usage: true } }),
          { headers },
        );
        await ask(access, '/openai/v1/responses', { model: 'gpt-5', input: 'Mend it.', stream: true }, { headers });
        await ask(
          access,
          '/gemini/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse&key=abc',
          { contents: [] },
          { headers },
        );
        assert.deepEqual(
          eventsOf('TokensMetered').map(({ data }) => [data.provider, data.usage, data.estimated]),
          ['anthropic', 'openai', 'openai', 'gemini'].map((name) => [name, someUsage, false]),
        );
        assert.equal((await access.close()).usage.output_tokens, 200);
      }));

  it('asks a stream of chat completions for its usage, and leaves out the event that the agent did not ask for', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      const access = await open();
      const { text } = await ask(access, '/openai/v1/chat/completions', chatBody({ stream: true }));
      assert.deepEqual(provider.asked[0]?.body.stream_options, { include_usage: true });
      const events = replyShapes.chat.events({ ...said, model: 'gpt-5' });
      assert.equal(text, events.filter((event) => !event.includes('"choices":[]')).join(''));
      assert.deepEqual(eventsOf('TokensMetered')[0]?.data.usage, someUsage);
    }));

  it('lets through listed places, models and providers alone, in the shape of the provider', () =>
    withPlane(async ({ provider, open }) => {
      const access = await open({ models: ['claude-*'], providers: ['anthropic'] });
      const refused = async (path: string, body: unknown, method = 'POST') => {
        const { status, text } = await ask(access, path, body, { method });
        return [status, (JSON.parse(text) as { error: { type: string } }).error.type];
      };
      assert.deepEqual(await refused('/anthropic/v1/messages', message({ model: 'gpt-5' })), [403, 'permission_error']);
      assert.deepEqual(await refused('/anthropic/v1/files', {}), [404, 'not_found_error']);
      assert.deepEqual(await refused('/anthropic/v1/organizations/api_keys', {}, 'GET'), [404, 'not_found_error']);
      assert.deepEqual(await refused('/anthropic/v1/../v1/files', {}), [404, 'not_found_error']);
      assert.deepEqual(await refused('/openai/v1/chat/completions', chatBody()), [404, 'not_found_error']);
      assert.deepEqual(await refused('/anthropic/v1/messages', 'not json'), [400, 'invalid_request_error']);
      assert.deepEqual(await refused('/anthropic/v1/messages', []), [400, 'invalid_request_error']);
      assert.deepEqual(await refused('/anthropic/v1/messages', message({ mcp_servers: [{ url: 'https://x' }] })), [
        403,
        'permission_error',
      ]);
      assert.equal(provider.asked.length, 0);
      assert.equal((await access.close()).refused, 7);
    }));

  it('does not let an agent read answers that its key keeps for others, or ask for what it cannot meter', () =>
    withPlane(async ({ provider, open }) => {
      const access = await open();
      const respond = (more: object) =>
        ask(access, '/openai/v1/responses', { model: 'gpt-5', input: 'Go on.', ...more });
      assert.equal((await respond({ previous_response_id: 'resp_of_another' })).status, 403);
      assert.equal((await respond({ background: true })).status, 400);
      assert.equal((await respond({ conversation: 'conv_1' })).status, 400);
      assert.equal((await ask(access, '/openai/v1/responses/resp_1', '', { method: 'GET' })).status, 404);
      assert.equal(provider.asked.length, 0);
      assert.equal((await respond({})).status, 200);
      assert.equal((await respond({ previous_response_id: 'resp_1' })).status, 200);
    }));

  it('never uses the key of another team', () =>
    withPlane(
      async ({ provider, open }) => {
        await assert.rejects(
          () => open({ owner: 'other', providers: ['mine'] }),
          /no key of the provider mine for the team other/,
        );
        void provider;
      },
      { providers: [{ name: 'mine', kind: 'openai', url: 'http://127.0.0.1:9', key: 'k', teams: ['acme'] }] },
    ));

  it('follows no redirection, and shows none', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      provider.behave = (_asked, answer) => {
        answer.writeHead(307, { location: 'http://127.0.0.1:9/thief' }).end();
        return 'answered';
      };
      const { status, text, headers } = await ask(await open(), '/anthropic/v1/messages', message());
      assert.deepEqual([status, headers.location], [529, undefined]);
      assert.match(text, /redirection, which is not followed/);
      assert.equal(tokensOf(eventsOf('TokensMetered')[0]?.data.usage ?? assert.fail()), 0);
    }));

  it('leaves the key out of what a provider repeats: an error, headers, a stream in pieces, and what is compressed unasked', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      const access = await open();
      const error = JSON.stringify({ error: { message: `Incorrect API key provided: ${realKey}`, b: encoded } });
      const calls = ['/anthropic/v1/messages', '/openai/v1/chat/completions'] as const;
      const forms: ((answer: ServerResponse) => void)[] = [
        (answer) => answer.writeHead(401, { 'content-type': 'application/json', 'request-id': realKey }).end(error),
        (answer) =>
          answer
            .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
            .end(gzipSync(JSON.stringify({ model: realKey, content: error }))),
        (answer) => {
          answer.writeHead(200, { 'content-type': 'text/event-stream' });
          for (const byte of `data: {"model":"${realKey}"}\n\ndata: ${error}\n\n`) answer.write(byte);
          answer.end();
        },
      ];
      for (const path of calls)
        for (const form of forms) {
          provider.behave = (_asked, answer) => {
            form(answer);
            return 'answered';
          };
          const { text, headers } = await ask(access, path, path === calls[0] ? message() : chatBody());
          assert.match(text, /\[redacted\]/);
          assert.doesNotMatch(text + JSON.stringify(headers), new RegExp(`${realKey}|${encoded}`));
        }
      assert.equal(eventsOf('TokensMetered').length, 6);
      assert.doesNotMatch(JSON.stringify(eventsOf('TokensMetered')), new RegExp(realKey));
      provider.behave = (_asked, answer) => {
        answer.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'rot13' }).end(error);
        return 'answered';
      };
      const strange = await ask(access, calls[0], message());
      assert.match(strange.text, /an encoding that cannot be read/);
    }));

  it('passes errors of the provider as they are, and charges nothing for them', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      const body = '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}';
      provider.behave = (_asked, answer) => {
        answer.writeHead(529, { 'content-type': 'application/json', 'retry-after': '7' }).end(body);
        return 'answered';
      };
      const { status, text, headers } = await ask(await open(), '/anthropic/v1/messages', message());
      assert.deepEqual([status, text, headers['retry-after']], [529, body, '7']);
      assert.deepEqual(
        eventsOf('TokensMetered').map(({ data }) => [tokensOf(data.usage), data.estimated, data.status]),
        [[0, false, 529]],
      );
    }));

  it('charges a stream that broke off with the usage last seen and an estimate, and says so', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      provider.behave = (_asked, answer) => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        answer.write(replyShapes.anthropic.events(said).slice(0, 5).join(''), () => answer.destroy());
        return 'answered';
      };
      const { broken } = await ask(await open(), '/anthropic/v1/messages', message({ stream: true }));
      assert.equal(broken, true);
      const { usage, estimated, source } = eventsOf('TokensMetered')[0]?.data ?? assert.fail();
      assert.deepEqual([usage.input_tokens, usage.cache_read_tokens, estimated, source], [40, 10, true, 'estimate']);
      assert.ok(usage.output_tokens >= 5);
    }));

  it('ends the request at the provider when the agent leaves its stream, and charges what was seen', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      let isLeft = false;
      provider.behave = (_asked, answer) => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        answer.write(replyShapes.anthropic.events(said).slice(0, 4).join(''));
        answer.once('close', () => {
          isLeft = true;
        });
        return 'answered';
      };
      const access = await open();
      await ask(access, '/anthropic/v1/messages', message({ stream: true }), {
        onChunk: (_text, leave) => leave(),
      }).catch(() => {});
      await until(() => isLeft && eventsOf('TokensMetered').length === 1);
      assert.equal(eventsOf('TokensMetered')[0]?.data.estimated, true);
    }));

  it('hands on the first byte of a stream before there is a second', () =>
    withPlane(async ({ provider, open }) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const [first = '', ...rest] = replyShapes.anthropic.events(said);
      provider.behave = async (_asked, answer) => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(first);
        await promise;
        answer.end(rest.join(''));
        return 'answered';
      };
      const answer = await ask(await open(), '/anthropic/v1/messages', message({ stream: true }), {
        onChunk: () => resolve(),
      });
      assert.equal(answer.text, first + rest.join(''));
    }));

  it('cuts an answer that never ends in the middle of its stream, in the provider’s words', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      provider.behave = async (_asked, answer) => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' });
        const [start = '', ...rest] = replyShapes.anthropic.events(said);
        answer.write(start);
        const delta = rest.find((one) => one.includes('text_delta')) ?? '';
        const timer = setInterval(() => answer.write(delta.repeat(200)), 1);
        answer.once('close', () => clearInterval(timer));
        return 'answered';
      };
      const cuts: CutoffPolicy[] = [];
      const access = await open({ budget: { tokens: 3_000 }, policy: 'kill' });
      access.onCut(({ policy }) => cuts.push(policy));
      const { text } = await ask(access, '/anthropic/v1/messages', message({ stream: true }));
      assert.match(text, /event: error\ndata: \{"type":"error","error":\{"type":"billing_error"/);
      await until(() => eventsOf('AgentKilled').length === 1);
      assert.deepEqual(cuts, ['kill']);
      const after = await ask(access, '/anthropic/v1/messages', message());
      assert.deepEqual([after.status, after.headers['x-should-retry']], [402, 'false']);
    }));

  it('notices that the same tool is called in the same way again and again', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      provider.behave = (asked, answer) => {
        const tool: [string, object] = ['run', { command: 'npm test' }];
        answer.writeHead(200, { 'content-type': 'application/json' });
        answer.end(JSON.stringify(replyShapes.anthropic.whole({ ...said, model: String(asked.body.model), tool })));
        return 'answered';
      };
      const access = await open({ policy: 'freeze' });
      for (let turn = 0; turn < 10; turn += 1) await ask(access, '/anthropic/v1/messages', message());
      await until(() => eventsOf('AgentFrozen').length === 1);
      assert.deepEqual(
        [eventsOf('AgentFrozen')[0]?.data.why, eventsOf('AgentFrozen')[0]?.data.detail],
        ['circle', '10 times in a row: run {"command":"npm test"}'],
      );
      assert.equal((await ask(access, '/anthropic/v1/messages', message())).status, 402);
    }));

  it('is cut off by an event of the log, in the middle of what it does', () =>
    withPlane(async ({ log, provider, open }) => {
      const [first = ''] = replyShapes.anthropic.events(said);
      provider.behave = (_asked, answer) => {
        answer.writeHead(200, { 'content-type': 'text/event-stream' }).write(first);
        return 'answered';
      };
      const access = await open();
      const data = {
        bottle_id: bottleId(1),
        project: 'web',
        agent: 'coder',
        why: 'asked',
        detail: 'too slow',
        by: 'ann',
      } as const;
      const answer = await ask(access, '/anthropic/v1/messages', message({ stream: true }), {
        onChunk: () => void log.append({ type: 'AgentCutOff', id: bottleId(1), data }),
      });
      assert.match(answer.text, /event: error/);
      assert.match((await ask(access, '/anthropic/v1/messages', message())).text, /cut this run off: too slow/);
    }));

  it('refuses hosts that lead to a provider past the meter, tunnels to others, and takes no upgrade', () =>
    withPlane(async ({ provider, open }) => {
      const { host } = new URL(provider.url);
      await assert.rejects(() => open({ hosts: [host] }), /list it among the providers/);
      const access = await open({ hosts: ['registry.example.org'] });
      const { promise, resolve } = Promise.withResolvers<string>();
      const socket = connect(access.socket, () => socket.write('CONNECT 169.254.169.254:80 HTTP/1.1\r\n\r\n'));
      socket.on('data', (chunk) => resolve(chunk.toString()));
      assert.match(await promise, /^HTTP\/1\.1 403/);
      socket.destroy();
      const upgraded = await ask(access, '/openai/v1/realtime', '', { method: 'GET' });
      assert.equal(upgraded.status, 404);
    }));

  it('bounds what one run asks for at once, and answers the rest', () =>
    withPlane(async ({ provider, open }) => {
      const { promise, resolve } = Promise.withResolvers<null>();
      provider.behave = () => promise;
      const access = await open();
      const statuses: number[] = [];
      const answers = Array.from({ length: 1_000 }, async () => {
        statuses.push((await ask(access, '/anthropic/v1/messages', message())).status);
      });
      await until(() => statuses.length === 1_000 - 256);
      assert.deepEqual(new Set(statuses), new Set([429]));
      resolve(null);
      await Promise.all(answers);
      assert.equal(statuses.filter((status) => status === 200).length, 256);
    }));

  it('refuses a request that is too large, before it has come whole', () =>
    withPlane(async ({ provider, open }) => {
      const { status } = await ask(await open(), '/anthropic/v1/messages', message(), {
        headers: { 'content-length': String(33 * 2 ** 20) },
      }).catch(() => ({ status: 413 }));
      assert.equal(status, 413);
      assert.equal(provider.asked.length, 0);
    }));
});
