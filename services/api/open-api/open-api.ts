import {
  addHeaders,
  answerHeaders,
  componentHeaders,
  descriptionOf,
  type Json,
  type Operation,
  retryAfter,
  tellAnswerHeaders,
  withCodes,
} from './open-api-headers.ts';

/** What the parts of the API are about, by the first word of their paths. */
const tags: Readonly<Record<string, readonly [name: string, description: string]>> = {
  projects: ['projects', 'Repositories with their recipes, schedules, secrets and figures'],
  registrations: ['projects', ''],
  schedules: ['projects', ''],
  jobs: ['jobs', 'Runs of recipes: asked for, followed, ended, repeated'],
  findings: ['findings', 'What tools found, and what became of it'],
  patches: ['patches', 'Attempts to mend a finding, up to the pull request'],
  '.well-known': ['patches', ''],
  problems: ['problems', 'What the codes of failures mean'],
  schemas: ['patches', ''],
  events: ['events', 'The log as a list and as a stream'],
  digests: ['digests', 'What a day brought'],
  diff: ['events', ''],
  audit: ['teams', ''],
  teams: ['teams', 'Teams, their bearers and their secrets'],
  token: ['teams', ''],
  admin: ['admin', 'For whoever runs the farm'],
  mcp: ['agents', 'The Model Context Protocol'],
  forge: ['forge', 'Webhooks of forges'],
  healthz: ['health', 'Whether the service lives, is ready, and how it does'],
  readyz: ['health', ''],
  status: ['health', ''],
  metrics: ['health', ''],
};

const meanings: Readonly<Record<string, string>> = {
  200: 'As asked',
  201: 'Made',
  202: 'Taken: it is under way, or what was asked does not show yet',
  204: 'Done',
  206: 'A part of it',
  304: 'As it was',
};

/** What answers by other means than a JSON body that a schema describes: the status, and how its body is told. */
const bodies: Readonly<Record<string, readonly [status: string, ...types: string[]]>> = {
  'get /admin/backup': ['200', 'application/x-tar'],
  'get /events': ['200', 'text/event-stream', 'application/x-ndjson'],
  'get /metrics': ['200', 'text/plain'],
  'get /patches/{id}/statement': ['200', 'application/x-ndjson'],
  'get /jobs/{id}/log': ['200', 'text/plain', 'text/event-stream'],
  'get /jobs/{id}/findings.sarif': ['200', 'application/sarif+json'],
  'get /projects/{name}/findings.sarif': ['200', 'application/sarif+json'],
  'get /mcp': ['200', 'text/event-stream'],
  'post /mcp': ['200', 'application/json', 'text/event-stream'],
  'delete /mcp': ['200'],
};

const problem = { $ref: '#/components/responses/Problem' };

/**
 * Makes of what the routes say by themselves a document that linters and generators of clients take: every operation has an
 * id and a tag, every failure is a problem (RFC 9457), and a schema with a title stands once. Changes `document`.
 */
export function describeOpenApi(
  document: Json,
  problemSchema: Json,
  examples: Readonly<Record<string, unknown>> = {},
): Json {
  const schemas = new Map<string, string>();
  const named: Json = {};
  const paths = document.paths as Record<string, Record<string, Operation>>;
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      operation.operationId = idOf(method, path);
      operation.tags = [tagOf(path)];
      operation.description ??= descriptionOf(method, path, operation);
      addHeaders(method, path, operation);
      delete operation.responses.default;
      Object.assign(operation.responses, bodyOf(`${method} ${path}`, operation.responses));
      for (const [status, response] of Object.entries(operation.responses))
        response.description = meanings[status] ?? 'As asked';
      Object.assign(operation.responses, { '4XX': problem, '5XX': problem });
    }
    for (const [method, operation] of Object.entries(operations))
      showExample(operation, examples[`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`]);
    tellVersions(operations);
    for (const [method, operation] of Object.entries(operations)) tellAnswerHeaders(method, operation);
  }
  document.paths = tidied(paths, schemas, named);
  const { $ref } = tidied(withCodes(problemSchema), schemas, named) as { $ref: string };
  const responses = {
    Problem: {
      description: 'What went wrong, as RFC 9457 says; `code` is stable',
      headers: { 'X-Request-Id': answerHeaders['X-Request-Id'], 'Retry-After': retryAfter },
      content: { 'application/problem+json': { schema: { $ref } } },
    },
  };
  document.components = {
    ...(document.components as Json | undefined),
    schemas: named,
    responses,
    headers: componentHeaders,
  };
  document.tags = Object.values(tags).flatMap(([name, description]) =>
    description === '' ? [] : [{ name, description }],
  );
  return document;
}

const etag = {
  ETag: { description: 'names this version: send it as If-Match to change no other', schema: { type: 'string' } },
};
const changed = {
  description: 'It is another version now: `detail` says who changed what since, `ETag` names the one of now',
  headers: etag,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** What takes If-Match answers 412, and tells its version where it is looked at and changed. */
function tellVersions(operations: Record<string, Operation>): void {
  const asked = Object.values(operations).filter(({ parameters = [] }) =>
    (parameters as Json[]).some(({ name }) => name === 'if-match'),
  );
  if (asked.length === 0) return;
  for (const operation of asked) operation.responses['412'] = changed;
  for (const [method, { responses }] of Object.entries(operations))
    for (const status of ['200', '201'])
      if (method !== 'delete' && responses[status]) responses[status] = { ...responses[status], headers: etag };
}

/** What a farm once answered, beside the schema of the answer. */
function showExample({ responses }: Operation, example: unknown): void {
  const content = (responses['200'] ?? responses['201'] ?? responses['202'])?.content as
    | Record<string, Json>
    | undefined;
  const json = content?.['application/json'];
  if (json && example !== undefined) json.example = example;
}

/** The answer of a route whose body is no plain JSON; a schema that it has goes along. */
function bodyOf(route: string, said: Record<string, Json>): Record<string, Json> {
  const [status, ...types] = bodies[route] ?? [];
  if (status === undefined) return {};
  const known = (said[status]?.content as Record<string, Json> | undefined)?.['application/json'];
  // Beside JSON, what the schema says stands inside of the lines of another form.
  const isLines = (type: string) => types.includes('application/json') && type !== 'application/json';
  const plain = (type: string) => ({ schema: { type: type.endsWith('+json') ? 'object' : 'string' } });
  const content = types.map((type) => [type, isLines(type) ? plain(type) : (known ?? plain(type))]);
  return { [status]: types.length === 0 ? {} : { content: Object.fromEntries(content) } };
}

function tagOf(path: string): string {
  return tags[path.split('/')[1] ?? '']?.[0] ?? 'admin';
}

/** `GET /jobs/{id}/log` is `getJobsByIdLog`. */
function idOf(method: string, path: string): string {
  const words = path
    .split(/[/.]/)
    .flatMap((part) => (part.startsWith('{') ? ['by', part.slice(1, -1)] : part.split('-')));
  return [method, ...words.filter((word) => word !== '')].map((word, at) => (at === 0 ? word : capital(word))).join('');
}

function capital(word: string): string {
  return word
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

/** A copy in which words are one enumeration, and what has a title stands in `named` once. */
function tidied(value: unknown, seen: Map<string, string>, named: Json): unknown {
  if (Array.isArray(value)) return value.map((one) => tidied(one, seen, named));
  if (typeof value !== 'object' || value === null) return value;
  const whole: Json = Object.fromEntries(Object.entries(value).map(([key, one]) => [key, tidied(one, seen, named)]));
  const schema = asOneEnumeration(asList(whole));
  const { title } = schema;
  if (typeof title !== 'string' || schema.type !== 'object') return schema;
  const text = JSON.stringify(schema);
  let name = seen.get(text);
  if (name === undefined) {
    name = capital(title.replace(/[^A-Za-z0-9]+/g, '_'));
    for (let more = 2; name in named; more += 1) name = `${name.replace(/\d+$/, '')}${more}`;
    seen.set(text, name);
    named[name] = schema;
  }
  return { $ref: `#/components/schemas/${name}` };
}

/** A parameter that takes words with commas is a list of them; one whose schema has a list is repeated for each item. */
function asList(whole: Json): Json {
  const { schema } = whole as { schema?: Json };
  const words = schema?.['x-words'];
  if (whole.in !== 'query') return whole;
  if (takesList(schema)) return { ...whole, style: 'form', explode: true };
  if (!Array.isArray(words)) return whole;
  return {
    ...whole,
    style: 'form',
    explode: false,
    schema: { type: 'array', items: { type: 'string', enum: words } },
  };
}

function takesList(schema: Json | undefined): boolean {
  const some = schema?.anyOf;
  return schema?.type === 'array' || (Array.isArray(some) && some.some((one: Json) => one.type === 'array'));
}

/** `anyOf` words of one type is an `enum`. */
function asOneEnumeration({ anyOf, ...rest }: Json): Json {
  if (!Array.isArray(anyOf)) return rest;
  const words = anyOf.flatMap((one: Json) => (one.type === 'string' && Array.isArray(one.enum) ? one.enum : []));
  const others = anyOf.filter((one: Json) => !(one.type === 'string' && Array.isArray(one.enum)));
  if (words.length < 2) return { ...rest, anyOf };
  const enumeration = { type: 'string', enum: words };
  return others.length === 0 ? { ...rest, ...enumeration } : { ...rest, anyOf: [enumeration, ...others] };
}
