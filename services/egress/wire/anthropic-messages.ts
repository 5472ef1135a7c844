import type { UsageCounts } from '../../../events/work/budget.ts';
import { parseJson } from '../../floor/text/parse-json.ts';
import { countOf, countProblem, type Fields, fieldsOf, hasCounts, listOf, textOf } from '../rules/json-fields.ts';
import { noUsage } from '../rules/usage-counts.ts';
import { addArguments, bytesOf, endArguments, type PlaneProblem, type Reading, type WireFormat } from './define.ts';
import { hostedByAnthropic } from './hosted-tools.ts';

const kinds = {
  budget: { status: 402, type: 'billing_error' },
  forbidden: { status: 403, type: 'permission_error' },
  invalid: { status: 400, type: 'invalid_request_error' },
  not_found: { status: 404, type: 'not_found_error' },
  too_large: { status: 413, type: 'request_too_large' },
  too_many: { status: 429, type: 'rate_limit_error' },
  unavailable: { status: 529, type: 'overloaded_error' },
  timeout: { status: 504, type: 'timeout_error' },
} as const;

function anthropicProblem({ kind, message }: PlaneProblem) {
  const { status, type } = kinds[kind];
  return { status, body: { type: 'error', error: { type, message }, request_id: null } };
}

/** `POST /v1/messages` (Anthropic API, version 2023-06-01). */
export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  metered: true,
  matches: (method, path) => method === 'POST' && path === '/v1/messages',
  ask: (body) => ({
    model: textOf(body.model),
    streams: body.stream === true,
    maxOutput: countOf(body.max_tokens),
    answers: 1,
    hosted: hostedByAnthropic(body, ''),
    refusal: countProblem(body, ['max_tokens'], 0),
  }),
  rewrite: (body, { maxOutput }) => (maxOutput === null ? body : { ...body, max_tokens: maxOutput }),
  readBody: (reading, body) => {
    readMessage(reading, body);
    for (const block of listOf(body.content).map(fieldsOf)) {
      reading.outputBytes += bytesOf(textOf(block.text), textOf(block.thinking), JSON.stringify(block.input ?? ''));
      if (block.type === 'tool_use') reading.toolCalls.push(`${textOf(block.name)} ${JSON.stringify(block.input)}`);
    }
    reading.isFinal = reading.usage !== null;
  },
  readEvent: (reading, { data }) => {
    const event = fieldsOf(parseJson(data));
    const place = String(event.index);
    if (event.type === 'message_start') readMessage(reading, fieldsOf(event.message));
    else if (event.type === 'content_block_start') {
      const block = fieldsOf(event.content_block);
      if (block.type === 'tool_use') addArguments(reading, place, `${textOf(block.name)} `);
    } else if (event.type === 'content_block_delta') {
      const delta = fieldsOf(event.delta);
      const piece = textOf(delta.partial_json);
      reading.outputBytes += bytesOf(textOf(delta.text), textOf(delta.thinking), piece);
      if (piece !== '' && reading.pending.has(place)) addArguments(reading, place, piece);
    } else if (event.type === 'content_block_stop') endArguments(reading, place);
    else if (event.type === 'message_delta') {
      takeUsage(reading, fieldsOf(event.usage));
      // The counts of a message_delta are cumulative; the last one comes with the reason to stop.
      if (textOf(fieldsOf(event.delta).stop_reason) !== '') reading.isFinal = reading.usage !== null;
    }
  },
  problem: anthropicProblem,
  problemEvent: (problem) => `event: error\ndata: ${JSON.stringify(anthropicProblem(problem).body)}\n\n`,
};

function readMessage(reading: Reading, message: Fields): void {
  reading.model = textOf(message.model) || reading.model;
  reading.id = textOf(message.id) || reading.id;
  takeUsage(reading, fieldsOf(message.usage));
}

function takeUsage(reading: Reading, usage: Fields): void {
  reading.isUnclear ||= !hasCounts(usage);
  reading.usage = usageOf(usage, reading.usage);
}

/** `input_tokens` holds neither what was read from a cache nor what was written to one; thinking is among the output. */
function usageOf(usage: Fields, before: UsageCounts | null): UsageCounts | null {
  const told = Object.keys(usage).length > 0;
  if (!told) return before;
  const known = before ?? noUsage;
  const tools = Object.values(fieldsOf(usage.server_tool_use)).reduce<number>(
    (sum, one) => sum + (countOf(one) ?? 0),
    0,
  );
  return {
    input_tokens: countOf(usage.input_tokens) ?? known.input_tokens,
    cache_read_tokens: countOf(usage.cache_read_input_tokens) ?? known.cache_read_tokens,
    cache_write_tokens: countOf(usage.cache_creation_input_tokens) ?? known.cache_write_tokens,
    output_tokens: countOf(usage.output_tokens) ?? known.output_tokens,
    reasoning_tokens: countOf(fieldsOf(usage.output_tokens_details).thinking_tokens) ?? known.reasoning_tokens,
    tool_calls: Math.max(tools, known.tool_calls),
  };
}

/** `POST /v1/messages/count_tokens`: takes none. */
export const anthropicCount: WireFormat = {
  ...anthropicMessages,
  name: 'anthropic-count',
  metered: false,
  matches: (method, path) => method === 'POST' && path === '/v1/messages/count_tokens',
  rewrite: (body) => body,
};

/** `GET /v1/models`: takes none. */
export const anthropicModels: WireFormat = {
  ...anthropicCount,
  name: 'anthropic-models',
  matches: (method, path) => method === 'GET' && /^\/v1\/models(\/[A-Za-z0-9._:-]{1,128})?$/.test(path),
};
