import { parseJson } from '../../floor/text/parse-json.ts';
import { countOf, countProblem, type Fields, fieldsOf, hasCounts, listOf, textOf } from '../rules/json-fields.ts';
import { noUsage } from '../rules/usage-counts.ts';
import { bytesOf, type PlaneProblem, type Reading, type WireFormat } from './define.ts';
import { hostedByGemini } from './hosted-tools.ts';

const place = /^\/v1(?:beta)?\/models\/([A-Za-z0-9._-]{1,128}):(generateContent|streamGenerateContent)$/;

const kinds = {
  budget: { status: 429, word: 'RESOURCE_EXHAUSTED' },
  forbidden: { status: 403, word: 'PERMISSION_DENIED' },
  invalid: { status: 400, word: 'INVALID_ARGUMENT' },
  not_found: { status: 404, word: 'NOT_FOUND' },
  too_large: { status: 413, word: 'INVALID_ARGUMENT' },
  too_many: { status: 429, word: 'RESOURCE_EXHAUSTED' },
  unavailable: { status: 503, word: 'UNAVAILABLE' },
  timeout: { status: 504, word: 'DEADLINE_EXCEEDED' },
} as const;

function geminiProblem({ kind, message }: PlaneProblem) {
  const { status, word } = kinds[kind];
  return { status, body: { error: { code: status, message, status: word } } };
}

/** `POST /v1beta/models/<model>:generateContent` and `:streamGenerateContent` of the Gemini API. */
export const geminiGenerate: WireFormat = {
  name: 'gemini-generate',
  metered: true,
  matches: (method, path) => method === 'POST' && place.test(path),
  ask: (body, path) => {
    const [, model = '', verb] = place.exec(path) ?? [];
    const settings = settingsOf(body);
    return {
      model,
      streams: verb === 'streamGenerateContent',
      maxOutput: countOf(settings.maxOutputTokens),
      answers: countOf(settings.candidateCount) ?? 1,
      hosted: hostedByGemini(body, model),
      refusal: refusalOf(body),
    };
  },
  rewrite: (body, { maxOutput }) =>
    maxOutput === null ? body : { ...body, generationConfig: { ...settingsOf(body), maxOutputTokens: maxOutput } },
  readBody: (reading, body) => read(reading, body),
  readEvent: (reading, { data }) => read(reading, fieldsOf(parseJson(data))),
  problem: geminiProblem,
  problemEvent: (problem) => `data: ${JSON.stringify(geminiProblem(problem).body)}\n\n`,
};

const settingsOf = (body: Fields) => fieldsOf(body.generationConfig);

/** The API takes each name in snake case, too: a second spelling would be a second limit. */
const spelledTwice = ['generation_config', 'max_output_tokens', 'candidate_count'];

function refusalOf(body: Fields): string | null {
  const settings = settingsOf(body);
  const other = spelledTwice.find((name) => name in body || name in settings);
  if (other !== undefined)
    return `${other}: the name in camel case was expected, as in generationConfig.maxOutputTokens.`;
  return countProblem(settings, ['maxOutputTokens'], 0) ?? countProblem(settings, ['candidateCount'], 1, 8);
}

/** Each piece of a stream repeats what it took so far; a stream without `alt=sse` is one list. */
function read(reading: Reading, body: Fields): void {
  reading.model = textOf(body.modelVersion) || reading.model;
  for (const candidate of listOf(body.candidates).map(fieldsOf)) {
    for (const part of listOf(fieldsOf(candidate.content).parts).map(fieldsOf)) {
      reading.outputBytes += bytesOf(textOf(part.text));
      const call = fieldsOf(part.functionCall);
      if (call === part.functionCall) reading.toolCalls.push(`${textOf(call.name)} ${JSON.stringify(call.args ?? {})}`);
    }
    if (textOf(candidate.finishReason) !== '') reading.isFinal = true;
  }
  const usage = fieldsOf(body.usageMetadata);
  if (Object.keys(usage).length === 0) return;
  reading.isUnclear ||= !hasCounts(usage);
  const prompt = (countOf(usage.promptTokenCount) ?? 0) + (countOf(usage.toolUsePromptTokenCount) ?? 0);
  const cached = Math.min(prompt, countOf(usage.cachedContentTokenCount) ?? 0);
  const thoughts = countOf(usage.thoughtsTokenCount) ?? 0;
  reading.usage = {
    ...noUsage,
    input_tokens: prompt - cached,
    cache_read_tokens: cached,
    output_tokens: (countOf(usage.candidatesTokenCount) ?? 0) + thoughts,
    reasoning_tokens: thoughts,
  };
}
