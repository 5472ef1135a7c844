import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hostedByAnthropic, hostedByGemini, hostedByOpenai } from '../../../services/egress/wire/hosted-tools.ts';
import { ask, message, withPlane } from '../../support/egress-plane.ts';

const away = 'https://evil.example/?q=secret';
const user = (content: unknown) => [{ role: 'user', content }];

describe('what a request has its provider do by itself', () => {
  it('is seen in requests to Anthropic, and tools of a client are not taken for it', () => {
    const hosted = (body: object) => hostedByAnthropic(body as never, '');
    const tools = (...types: (string | undefined)[]) => hosted({ tools: types.map((type) => ({ type, name: 'x' })) });
    assert.deepEqual(tools('web_search_20250305', 'web_fetch_20250910'), ['web_search', 'web_fetch']);
    assert.deepEqual(tools('code_execution_20250825', 'a_new_one_20270101'), ['code_execution', 'a_new_one']);
    assert.deepEqual(
      tools(undefined, 'custom', 'bash_20250124', 'text_editor_20250728', 'computer_20250124', 'memory_20250818'),
      [],
    );
    assert.deepEqual(hosted({ container: { id: 'c' } }), ['code_execution']);
    const image = { type: 'image', source: { type: 'url', url: away } };
    assert.deepEqual(hosted({ messages: user([image]) }), ['url']);
    assert.deepEqual(hosted({ messages: user([{ type: 'tool_result', content: [image] }]) }), ['url']);
    assert.deepEqual(hosted({ system: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] }), ['file']);
    const own = { type: 'image', source: { type: 'base64', data: 'aGk=' } };
    const words = { type: 'tool_use', input: { type: 'image', source: { type: 'url', url: away } } };
    assert.deepEqual(hosted({ messages: user([own, words, { type: 'text', text: away }]) }), []);
  });

  it('is seen in requests to OpenAI, in either of its formats', () => {
    const hosted = (body: object, model = 'gpt-5') => hostedByOpenai(body as never, model);
    const tools = (...types: string[]) => hosted({ tools: types.map((type) => ({ type })) });
    assert.deepEqual(tools('web_search', 'web_search_preview_2025_03_11'), ['web_search']);
    assert.deepEqual(tools('file_search', 'code_interpreter', 'image_generation'), [
      ...['file_search', 'code_interpreter', 'image_generation'],
    ]);
    assert.deepEqual(tools('function', 'custom', 'local_shell', 'computer_use_preview', 'apply_patch', 'shell'), []);
    assert.deepEqual(hosted({ tools: [{ type: 'shell', environment: { type: 'container_auto' } }] }), ['shell']);
    assert.deepEqual(hosted({ web_search_options: {} }), ['web_search']);
    for (const model of ['gpt-4o-search-preview', 'o3-deep-research', 'any/model:online'])
      assert.deepEqual(hosted({}, model), ['web_search'], model);
    assert.deepEqual(hosted({}, 'gpt-5-research'), []);
    assert.deepEqual(hosted({ prompt: { id: 'pmpt_1' } }), ['prompt']);
    assert.deepEqual(hosted({ plugins: [{ id: 'web' }] }), ['plugin_web']);
    assert.deepEqual(hosted({ messages: user([{ type: 'image_url', image_url: { url: away } }]) }), ['url']);
    assert.deepEqual(hosted({ input: user([{ type: 'input_image', image_url: away }]) }), ['url']);
    assert.deepEqual(hosted({ input: user([{ type: 'input_file', file_url: away }, { file_id: 'f' }]) }), [
      ...['url', 'file'],
    ]);
    assert.deepEqual(hosted({ input: [{ type: 'function_call_output', output: [{ image_url: away }] }] }), ['url']);
    assert.deepEqual(hosted({ input: user([{ type: 'input_image', image_url: 'data:image/png;base64,aGk=' }]) }), []);
  });

  it('is seen in requests to Gemini, in both spellings', () => {
    const hosted = (body: object) => hostedByGemini(body as never, '');
    assert.deepEqual(hosted({ tools: [{ googleSearch: {} }, { url_context: {} }] }), ['google_search', 'url_context']);
    assert.deepEqual(hosted({ tools: [{ functionDeclarations: [] }, { function_declarations: [] }] }), []);
    assert.deepEqual(hosted({ contents: [{ parts: [{ fileData: { fileUri: away } }] }] }), ['url']);
    const kept = 'https://generativelanguage.googleapis.com/v1beta/files/abc';
    assert.deepEqual(hosted({ contents: [{ parts: [{ file_data: { file_uri: kept } }] }] }), ['file']);
    assert.deepEqual(hosted({ cachedContent: 'cachedContents/1' }), ['file']);
  });

  it('is refused in the shape of the provider before anything is sent, unless the manifest lists it', () =>
    withPlane(async ({ provider, open, eventsOf }) => {
      const searching = message({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] });
      const plain = await open();
      const refused = await ask(plain, '/anthropic/v1/messages', searching);
      assert.equal(refused.status, 403);
      const { error } = JSON.parse(refused.text);
      assert.equal(error.type, 'permission_error');
      assert.match(error.message, /web_search by itself.*allows nothing there \(provider_tools\)/);
      const counted = await ask(plain, '/anthropic/v1/messages/count_tokens', searching);
      assert.equal(counted.status, 403);
      assert.deepEqual([provider.asked.length, eventsOf('TokensReserved').length], [0, 0]);
      const allowed = await open({ bottle: '01jzq0w4m8v2x6c1d3e5f00002', providerTools: ['web_*'] });
      assert.equal((await ask(allowed, '/anthropic/v1/messages', searching)).status, 200);
      const [reserved] = eventsOf('TokensReserved');
      assert.ok((reserved?.data.calls[0]?.input_tokens ?? 0) > 65_536, 'what it may find has a share');
      const code = message({ tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] });
      assert.equal((await ask(allowed, '/anthropic/v1/messages', code)).status, 403);
    }));
});
