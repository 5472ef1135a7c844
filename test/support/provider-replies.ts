import type { UsageCounts } from '../../events/work/budget.ts';

/** What a provider answers, as bytes: the shapes are those of the providers' API references. */
export type ProviderReply = { readonly status: number; readonly type: string; readonly text: string };

export type Said = {
  readonly model: string;
  readonly text: string;
  readonly usage: UsageCounts;
  readonly tool?: readonly [name: string, input: object];
  /** Of the call of its tool; no two answers of one talk have the same. */
  readonly id?: string;
};

/** How the answers of each format look, whole and as a stream. */
export type ReplyShape = {
  readonly path: string;
  readonly whole: (said: Said) => object;
  readonly events: (said: Said) => string[];
};

const sse = (data: object, name?: string) => `${name ? `event: ${name}\n` : ''}data: ${JSON.stringify(data)}\n\n`;
const pieces = (text: string) => text.match(/[\s\S]{1,7}/gu) ?? [];

const anthropicUsage = (usage: UsageCounts) => ({
  input_tokens: usage.input_tokens,
  cache_creation_input_tokens: usage.cache_write_tokens,
  cache_read_input_tokens: usage.cache_read_tokens,
  cache_creation: { ephemeral_5m_input_tokens: usage.cache_write_tokens, ephemeral_1h_input_tokens: 0 },
  output_tokens: usage.output_tokens,
  service_tier: 'standard',
  ...(usage.tool_calls > 0 ? { server_tool_use: { web_search_requests: usage.tool_calls } } : {}),
});

const anthropic: ReplyShape = {
  path: '/v1/messages',
  whole: ({ model, text, usage, tool, id = '01' }) => ({
    ...{ id: 'msg_01', type: 'message', role: 'assistant', model },
    content: [
      { type: 'text', text },
      ...(tool ? [{ type: 'tool_use', id: `toolu_${id}`, name: tool[0], input: tool[1] }] : []),
    ],
    ...{ stop_reason: tool ? 'tool_use' : 'end_turn', stop_sequence: null, usage: anthropicUsage(usage) },
  }),
  events: ({ model, text, usage, tool, id = '01' }) => {
    const start = { ...anthropicUsage({ ...usage, output_tokens: 1, tool_calls: 0 }) };
    const message = {
      id: `msg_${id}`,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      usage: start,
    };
    const delta = {
      output_tokens: usage.output_tokens,
      ...(usage.tool_calls > 0 ? { server_tool_use: { web_search_requests: usage.tool_calls } } : {}),
    };
    const call = JSON.stringify(tool?.[1] ?? {});
    return [
      sse({ type: 'message_start', message }, 'message_start'),
      sse({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, 'content_block_start'),
      sse({ type: 'ping' }, 'ping'),
      ...pieces(text).map((piece) =>
        sse(
          { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece } },
          'content_block_delta',
        ),
      ),
      sse({ type: 'content_block_stop', index: 0 }, 'content_block_stop'),
      ...(tool
        ? [
            sse(
              {
                type: 'content_block_start',
                index: 1,
                content_block: { type: 'tool_use', id: `toolu_${id}`, name: tool[0], input: {} },
              },
              'content_block_start',
            ),
            ...pieces(call).map((piece) =>
              sse(
                { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: piece } },
                'content_block_delta',
              ),
            ),
            sse({ type: 'content_block_stop', index: 1 }, 'content_block_stop'),
          ]
        : []),
      sse(
        {
          type: 'message_delta',
          delta: { stop_reason: tool ? 'tool_use' : 'end_turn', stop_sequence: null },
          usage: delta,
        },
        'message_delta',
      ),
      sse({ type: 'message_stop' }, 'message_stop'),
    ];
  },
};

const chatUsage = (usage: UsageCounts) => {
  const prompt = usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output_tokens,
    total_tokens: prompt + usage.output_tokens,
    prompt_tokens_details: { cached_tokens: usage.cache_read_tokens, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: usage.reasoning_tokens, audio_tokens: 0 },
  };
};

const chat: ReplyShape = {
  path: '/v1/chat/completions',
  whole: ({ model, text, usage, tool }) => ({
    ...{ id: 'chatcmpl-1', object: 'chat.completion', created: 1_760_000_000, model },
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text,
          ...(tool
            ? {
                tool_calls: [
                  { id: 'call_1', type: 'function', function: { name: tool[0], arguments: JSON.stringify(tool[1]) } },
                ],
              }
            : {}),
        },
        finish_reason: tool ? 'tool_calls' : 'stop',
      },
    ],
    usage: chatUsage(usage),
  }),
  events: ({ model, text, usage, tool }) => {
    const chunk = (choices: object[], told: object | null) =>
      sse({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_760_000_000, model, choices, usage: told });
    const delta = (said: object, finish: string | null = null) =>
      chunk([{ index: 0, delta: said, finish_reason: finish }], null);
    const call = tool ? [{ index: 0, id: 'call_1', type: 'function', function: { name: tool[0], arguments: '' } }] : [];
    return [
      delta({ role: 'assistant', content: '' }),
      ...pieces(text).map((content) => delta({ content })),
      ...(tool
        ? [
            delta({ tool_calls: call }),
            ...pieces(JSON.stringify(tool[1])).map((piece) =>
              delta({ tool_calls: [{ index: 0, function: { arguments: piece } }] }),
            ),
          ]
        : []),
      delta({}, tool ? 'tool_calls' : 'stop'),
      chunk([], chatUsage(usage)),
      'data: [DONE]\n\n',
    ];
  },
};

const responses: ReplyShape = {
  path: '/v1/responses',
  whole: ({ model, text, usage, tool, id = '1' }) => ({
    ...{ id: 'resp_1', object: 'response', created_at: 1_760_000_000, status: 'completed', model, error: null },
    output: [
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text, annotations: [] }],
      },
      ...(tool
        ? [
            {
              id: `fc_${id}`,
              type: 'function_call',
              call_id: `call_${id}`,
              name: tool[0],
              arguments: JSON.stringify(tool[1]),
              status: 'completed',
            },
          ]
        : []),
      ...Array.from({ length: usage.tool_calls }, (_, at) => ({
        id: `ws_${at}`,
        type: 'web_search_call',
        status: 'completed',
      })),
    ],
    usage: {
      input_tokens: usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
      input_tokens_details: { cached_tokens: usage.cache_read_tokens },
      output_tokens: usage.output_tokens,
      output_tokens_details: { reasoning_tokens: usage.reasoning_tokens },
      total_tokens: usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens + usage.output_tokens,
    },
  }),
  events: (said) => {
    let number = 0;
    const event = (type: string, more: object) => sse({ type, sequence_number: number++, ...more }, type);
    const whole = responses.whole(said);
    const begun = { ...whole, status: 'in_progress', output: [], usage: null };
    const { output } = whole as { output: object[] };
    const item = (at: number, between: string[] = []) => [
      event('response.output_item.added', { output_index: at, item: { ...output[at], status: 'in_progress' } }),
      ...between,
      event('response.output_item.done', { output_index: at, item: output[at] }),
    ];
    const text = { item_id: 'msg_1', output_index: 0, content_index: 0 };
    return [
      event('response.created', { response: begun }),
      event('response.in_progress', { response: begun }),
      ...item(0, [
        ...pieces(said.text).map((delta) => event('response.output_text.delta', { ...text, delta })),
        event('response.output_text.done', { ...text, text: said.text }),
      ]),
      ...output.slice(1).flatMap((_, at) => item(at + 1)),
      event('response.completed', { response: whole }),
    ];
  },
};

const gemini: ReplyShape = {
  path: '/v1beta/models/gemini-2.5-pro:generateContent',
  whole: ({ model, text, usage }) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: geminiUsage(usage),
    modelVersion: model,
  }),
  events: ({ model, text, usage }) => [
    ...pieces(text).map((piece) =>
      sse({
        candidates: [{ content: { role: 'model', parts: [{ text: piece }] }, index: 0 }],
        usageMetadata: geminiUsage({ ...usage, output_tokens: usage.reasoning_tokens }),
        modelVersion: model,
      }),
    ),
    sse({
      candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 }],
      usageMetadata: geminiUsage(usage),
      modelVersion: model,
    }),
  ],
};

const geminiUsage = (usage: UsageCounts) => ({
  promptTokenCount: usage.input_tokens + usage.cache_read_tokens + usage.cache_write_tokens,
  cachedContentTokenCount: usage.cache_read_tokens,
  candidatesTokenCount: usage.output_tokens - usage.reasoning_tokens,
  thoughtsTokenCount: usage.reasoning_tokens,
});

export const replyShapes = { anthropic, chat, gemini, responses } as const;
export type ShapeName = keyof typeof replyShapes;

/** What a format cannot say is not in what it took: a cache that is written, tools at the provider. */
export function sayable(shape: ShapeName, usage: UsageCounts): UsageCounts {
  const { input_tokens, cache_write_tokens: written, reasoning_tokens: reasoning, ...rest } = usage;
  if (shape === 'anthropic') return { ...usage, reasoning_tokens: 0 };
  const tool_calls = shape === 'responses' ? usage.tool_calls : 0;
  return {
    ...rest,
    input_tokens: input_tokens + written,
    cache_write_tokens: 0,
    reasoning_tokens: reasoning,
    tool_calls,
  };
}
