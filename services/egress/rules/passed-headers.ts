type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a program may say to a provider; nothing that names a key, an account or a project there. */
const asked = new Set([
  'accept',
  'accept-language',
  'anthropic-beta',
  'anthropic-dangerous-direct-browser-access',
  'anthropic-version',
  'content-type',
  'idempotency-key',
  'openai-beta',
  'user-agent',
  'x-app',
  'x-client-request-id',
  'x-goog-api-client',
]);

/** What a provider may say to a program, whose answer is opened on its way; nothing that names the account of the key, and no cookie. */
const answered = new Set([
  'cache-control',
  'content-type',
  'date',
  'openai-model',
  'openai-processing-ms',
  'openai-version',
  'request-id',
  'retry-after',
  'retry-after-ms',
  'x-request-id',
  'x-should-retry',
]);

const askedLike = /^x-stainless-/;
const answeredLike = /^(anthropic-ratelimit-|x-ratelimit-)/;

/** The headers of a request that go on to the provider. */
export function passedRequest(headers: Headers): Record<string, string> {
  return only(headers, (name) => asked.has(name) || askedLike.test(name));
}

/** The headers of an answer that go back to the program. */
export function passedAnswer(headers: Headers): Record<string, string> {
  return only(headers, (name) => answered.has(name) || answeredLike.test(name));
}

function only(headers: Headers, passes: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (value === undefined || !passes(name.toLowerCase())) return [];
      return [[name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]];
    }),
  );
}

/** The query that goes on: keys in addresses are not passed. */
export function passedQuery(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of [...query.keys()]) if (/key|token|auth/i.test(name)) query.delete(name);
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
