import { parseJson } from '../../floor/text/parse-json.ts';
import { countOf, countProblem, type Fields, fieldsOf, hasCounts, listOf, textOf } from '../rules/json-fields.ts';
import { noUsage } from '../rules/usage-counts.ts';
import { bytesOf, type Reading, type WireFormat } from './define.ts';
import { hostedByOpenai } from './hosted-tools.ts';
import { openaiProblem } from './openai-problem.ts';

/** Events that hold the whole answer, and with it what it took. */
const ends = ['response.completed', 'response.incomplete', 'response.failed', 'response.cancelled'];
const pieces = /\.delta$/;

/** `POST /v1/responses` of OpenAI. */
export const openaiResponses: WireFormat = {
  name: 'openai-responses',
  metered: true,
  matches: (method, path) => method === 'POST' && /^(\/v1)?\/responses$/.test(path),
  ask: (body) => ({
    model: textOf(body.model),
    streams: body.stream === true,
    maxOutput: countOf(body.max_output_tokens),
    answers: 1,
    hosted: hostedByOpenai(body, textOf(body.model)),
    refusal: refusalOf(body) ?? countProblem(body, ['max_output_tokens'], 0),
  }),
  rewrite: (body, { maxOutput }) => (maxOutput === null ? body : { ...body, max_output_tokens: maxOutput }),
  readBody: (reading, body) => {
    read(reading, body);
    reading.isFinal = reading.usage !== null;
  },
  readEvent: (reading, { data }) => {
    const event = fieldsOf(parseJson(data));
    const type = textOf(event.type);
    if (pieces.test(type)) reading.outputBytes += bytesOf(textOf(event.delta));
    if (fieldsOf(event.response) !== event.response) return;
    const answer = fieldsOf(event.response);
    if (!ends.includes(type)) {
      reading.model = textOf(answer.model) || reading.model;
      reading.id = textOf(answer.id) || reading.id;
      return;
    }
    read(reading, answer);
    reading.isFinal = reading.usage !== null;
  },
  problem: openaiProblem,
  problemEvent: (problem) => {
    const { error } = openaiProblem(problem).body as { error: Fields };
    return `event: error\ndata: ${JSON.stringify({ type: 'error', ...error, sequence_number: 0 })}\n\n`;
  },
};

function refusalOf(body: Fields): string | null {
  if (body.background === true)
    return 'Each answer is metered as it passes: ask with "background": false, which waits for the answer.';
  if (body.conversation !== undefined && body.conversation !== null)
    return 'Conversations that the provider keeps are shared by all of its key: send the items as "input".';
  return null;
}

function read(reading: Reading, answer: Fields): void {
  reading.model = textOf(answer.model) || reading.model;
  reading.id = textOf(answer.id) || reading.id;
  for (const item of listOf(answer.output).map(fieldsOf)) {
    const isCall =
      item.type === 'function_call' || item.type === 'custom_tool_call' || item.type === 'local_shell_call';
    const said = textOf(item.arguments) || textOf(item.input) || JSON.stringify(item.action ?? '');
    if (isCall) reading.toolCalls.push(`${textOf(item.name) || item.type} ${said}`);
  }
  const usage = fieldsOf(answer.usage);
  if (Object.keys(usage).length === 0) return;
  reading.isUnclear ||= !hasCounts(usage);
  const input = countOf(usage.input_tokens) ?? 0;
  const cached = Math.min(input, countOf(fieldsOf(usage.input_tokens_details).cached_tokens) ?? 0);
  reading.usage = {
    ...noUsage,
    input_tokens: input - cached,
    cache_read_tokens: cached,
    output_tokens: countOf(usage.output_tokens) ?? 0,
    reasoning_tokens: countOf(fieldsOf(usage.output_tokens_details).reasoning_tokens) ?? 0,
    tool_calls: listOf(answer.output).filter((item) => hosted.test(textOf(fieldsOf(item).type))).length,
  };
}

/** Tools that run at the provider. */
const hosted = /^(web_search|file_search|code_interpreter|image_generation|mcp)_call$/;
