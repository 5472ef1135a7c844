import { problemCodes } from '../errors/problem-codes.ts';
import { scopeOf } from '../route-scopes.ts';

/** A part of an OpenAPI document. */
export type Json = { [key: string]: unknown };
export type Operation = Json & { responses: Record<string, Json> };

const problemSchemaOf = (schema: Json) => schema.properties as Record<string, Json>;

/** The problem with every code that it may have. */
export function withCodes(schema: Json): Json {
  const properties = problemSchemaOf(schema);
  const code = { ...properties.code, enum: Object.keys(problemCodes).sort() };
  return { ...schema, properties: { ...properties, code } };
}

export const retryAfter = { description: 'seconds after which to try again', schema: { type: 'integer' } };
export const componentHeaders = {
  Sequence: { description: 'the last event of the log that the answer knows', schema: { type: 'integer' } },
  RequestId: { description: 'names the request in the log of the farm', schema: { type: 'string' } },
  RateLimit: { description: 'requests that a bearer may make in a minute', schema: { type: 'integer' } },
  RateRemaining: { description: 'how many are left of them', schema: { type: 'integer' } },
  RateReset: { description: 'seconds until they are counted anew', schema: { type: 'integer' } },
  Pending: {
    description: 'with 202: the sequence that the answer does not show yet; wait until X-Crafting-Seq reaches it',
    schema: { type: 'integer' },
  },
  Replayed: { description: '`true`: the first answer to this Idempotency-Key again', schema: { type: 'string' } },
};
const header = (name: keyof typeof componentHeaders) => ({ $ref: `#/components/headers/${name}` });
export const answerHeaders = {
  'X-Request-Id': header('RequestId'),
  'RateLimit-Limit': header('RateLimit'),
  'RateLimit-Remaining': header('RateRemaining'),
  'RateLimit-Reset': header('RateReset'),
};

/** POSTs that are not done once by a key: each is about a session, or a message of a protocol with ids of its own. */
const withoutKey = new Set(['/session', '/session/codes', '/mcp', '/forge/webhook']);
const resumable = new Set(['get /events']);

export function addHeaders(method: string, path: string, operation: Operation): void {
  const parameters = (operation.parameters ?? []) as Json[];
  const add = (name: string, description: string, schema: Json) =>
    parameters.some((one) => one.in === 'header' && one.name === name.toLowerCase())
      ? []
      : [{ in: 'header', name, description, schema, required: false }];
  const more = [
    ...(method === 'post' && !withoutKey.has(path)
      ? add('Idempotency-Key', 'the same key and body within 24 h get the first answer again', {
          type: 'string',
          minLength: 1,
          maxLength: 255,
        })
      : []),
    ...(parameters.some(({ name }) => name === 'wait')
      ? add('Prefer', '`wait=30`: seconds to wait for the outcome, as `wait` says them (RFC 7240)', { type: 'string' })
      : []),
    ...(resumable.has(`${method} ${path}`)
      ? add('Last-Event-ID', 'the sequence after which a stream goes on', { type: 'string', pattern: '^[0-9]{1,15}$' })
      : []),
  ];
  if (more.length > 0) operation.parameters = [...parameters, ...more];
}

export function tellAnswerHeaders(method: string, { responses }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    if (!/^2\d\d$/.test(status)) continue;
    const own = {
      ...answerHeaders,
      ...(method === 'get' ? { 'X-Crafting-Seq': header('Sequence') } : {}),
      ...(status === '202' ? { 'X-Crafting-Pending': header('Pending') } : {}),
      ...(method === 'post' ? { 'Idempotency-Replayed': header('Replayed') } : {}),
    };
    responses[status] = { ...response, headers: { ...own, ...(response.headers as Json | undefined) } };
  }
}

const kindsOfScope = {
  admin: 'Asks for the scope `admin`.',
  read: 'Asks for the scope `read`.',
  run: 'Asks for the scope `run`.',
  write: 'Asks for the scope `write`.',
} as const;

/** What holds for an operation beside what its summary says. */
export function descriptionOf(method: string, path: string, { summary, security, parameters }: Operation): string {
  const isOpen = Array.isArray(security) && security.length === 0;
  const names = ((parameters ?? []) as Json[]).map(({ name }) => name);
  return [
    `${summary}.`,
    isOpen ? 'Needs no bearer.' : kindsOfScope[scopeOf(method.toUpperCase(), path.replace(/\{(\w+)\}/g, ':$1'))],
    names.includes('cursor') ? 'Pages follow by `next_cursor`, which is null at the end.' : '',
    names.includes('at') ? 'With `at` it answers as of a sequence of the log or a time.' : '',
    names.includes('wait') ? 'It waits for the outcome as long as `wait` says.' : '',
  ]
    .filter(Boolean)
    .join(' ');
}
