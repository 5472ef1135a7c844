import { parseJson } from '../../floor/text/parse-json.ts';
import { countOf, countProblem, type Fields, fieldsOf, hasCounts, listOf, textOf } from '../rules/json-fields.ts';
import { noUsage } from '../rules/usage-counts.ts';
import { addArguments, bytesOf, endArguments, type Reading, type WireFormat } from './define.ts';
import { hostedByOpenai } from './hosted-tools.ts';
import { openaiProblem } from './openai-problem.ts';

/** `POST /v1/chat/completions` of OpenAI, and of the many who answer like it. */
export const openaiChat: WireFormat = {
  name: 'openai-chat',
  metered: true,
  matches: (method, path) => method === 'POST' && /^(\/v1)?\/chat\/completions$/.test(path),
  ask: (body) => ({
    model: textOf(body.model),
    streams: body.stream === true,
    maxOutput: greatest(countOf(body.max_completion_tokens), countOf(body.max_tokens)),
    answers: countOf(body.n) ?? 1,
    hosted: hostedByOpenai(body, textOf(body.model)),
    refusal: countProblem(body, limits, 0) ?? countProblem(body, ['n', 'best_of'], 1, mostAnswers),
  }),
  rewrite: (body, { maxOutput }) => {
    const limited = maxOutput === null ? body : { ...body, ...limitsOf(body, maxOutput) };
    if (body.stream !== true || asksForUsage(body)) return limited;
    return { ...limited, stream_options: { ...fieldsOf(body.stream_options), include_usage: true } };
  },
  isOurs: ({ data }, asked) => {
    if (asksForUsage(asked)) return false;
    const chunk = fieldsOf(parseJson(data));
    return Array.isArray(chunk.choices) && chunk.choices.length === 0 && fieldsOf(chunk.usage) === chunk.usage;
  },
  readBody: (reading, body) => {
    read(reading, body);
    for (const choice of listOf(body.choices).map(fieldsOf)) readText(reading, fieldsOf(choice.message), 'whole');
    for (const place of [...reading.pending.keys()]) endArguments(reading, place);
    reading.isFinal = reading.usage !== null;
  },
  readEvent: (reading, { data }) => {
    if (data === '[DONE]') return;
    const chunk = fieldsOf(parseJson(data));
    read(reading, chunk);
    for (const choice of listOf(chunk.choices).map(fieldsOf)) {
      readText(reading, fieldsOf(choice.delta), String(choice.index));
      if (textOf(choice.finish_reason) !== '')
        for (const place of [...reading.pending.keys()]) endArguments(reading, place);
    }
    if (fieldsOf(chunk.usage) === chunk.usage) reading.isFinal = true;
  },
  problem: openaiProblem,
  problemEvent: (problem) => `data: ${JSON.stringify(openaiProblem(problem).body)}\n\n`,
};

const limits = ['max_completion_tokens', 'max_tokens'] as const;
const mostAnswers = 128;

function greatest(...counts: readonly (number | null)[]): number | null {
  const known = counts.filter((one) => one !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Every limit that the request has, lowered; a new one where it has none. */
function limitsOf(body: Fields, maxOutput: number): Fields {
  const told = limits.filter((name) => countOf(body[name]) !== null);
  const names = told.length > 0 ? told : ['max_tokens' in body ? 'max_tokens' : 'max_completion_tokens'];
  return Object.fromEntries(names.map((name) => [name, Math.min(countOf(body[name]) ?? maxOutput, maxOutput)]));
}

function asksForUsage(body: Fields): boolean {
  return fieldsOf(body.stream_options).include_usage === true;
}

function read(reading: Reading, body: Fields): void {
  reading.model = textOf(body.model) || reading.model;
  reading.id = textOf(body.id) || reading.id;
  const usage = fieldsOf(body.usage);
  if (Object.keys(usage).length === 0) return;
  reading.isUnclear ||= !hasCounts(usage);
  const prompt = countOf(usage.prompt_tokens) ?? 0;
  const details = fieldsOf(usage.prompt_tokens_details);
  const cached = Math.min(prompt, countOf(details.cached_tokens) ?? countOf(usage.prompt_cache_hit_tokens) ?? 0);
  reading.usage = {
    ...noUsage,
    // What was read from the cache is among the prompt's tokens.
    input_tokens: prompt - cached,
    cache_read_tokens: cached,
    output_tokens: countOf(usage.completion_tokens) ?? 0,
    reasoning_tokens: countOf(fieldsOf(usage.completion_tokens_details).reasoning_tokens) ?? 0,
  };
}

function readText(reading: Reading, message: Fields, place: string): void {
  reading.outputBytes += bytesOf(textOf(message.content), textOf(message.reasoning_content), textOf(message.refusal));
  for (const [at, call] of listOf(message.tool_calls).map(fieldsOf).entries()) {
    const asked = fieldsOf(call.function);
    const [name, piece] = [textOf(asked.name), textOf(asked.arguments)];
    reading.outputBytes += bytesOf(name, piece);
    addArguments(reading, `${place}.${countOf(call.index) ?? at}`, name === '' ? piece : `${name} ${piece}`);
  }
}

/** `POST /v1/completions` and `POST /v1/embeddings`: their answers tell what they took in the same words. */
export const openaiPlain: WireFormat = {
  ...openaiChat,
  name: 'openai-plain',
  matches: (method, path) => method === 'POST' && /^(\/v1)?\/(completions|embeddings)$/.test(path),
  ask: (body, path) => ({
    ...openaiChat.ask(body, path),
    maxOutput: path.endsWith('embeddings') ? 0 : countOf(body.max_tokens),
    answers: path.endsWith('embeddings') ? 1 : completionsOf(body),
  }),
  rewrite: (body, change) => ('input' in body ? body : openaiChat.rewrite({ max_tokens: undefined, ...body }, change)),
};

/** Each prompt of a list has `n` answers, chosen out of `best_of` that all are made; tokens as numbers are one prompt. */
function completionsOf({ n, best_of, prompt }: Fields): number {
  const prompts = listOf(prompt).filter((one) => typeof one !== 'number').length;
  return Math.max(1, countOf(n) ?? 1, countOf(best_of) ?? 1) * Math.max(1, prompts);
}

/** `GET /v1/models`: takes none. */
export const openaiModels: WireFormat = {
  ...openaiChat,
  name: 'openai-models',
  metered: false,
  matches: (method, path) => method === 'GET' && /^(\/v1)?\/models(\/[A-Za-z0-9._:-]{1,128})?$/.test(path),
  rewrite: (body) => body,
};
