/** A part of an OpenAPI document. */
export type Json = { readonly [key: string]: unknown };

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Json;
  readonly description: string;
  /** Of a list: whether the name is repeated for each item (as OpenAPI has it unless told); else commas part them. */
  readonly explode?: boolean;
};

/** One thing that the API does, as a client has it. */
export type Operation = {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  /** Names of parameters whose lists are sent as `a=1&a=2`; those of all others as `a=1,2`. */
  readonly repeated: readonly string[];
  /** Whether it changes only the version that the sender saw, if If-Match names one. */
  readonly takesIfMatch: boolean;
  /** Of a JSON body; null where there is none. */
  readonly body: Json | null;
  readonly bodyRequired: boolean;
  /** Of a JSON answer; null where it is text or a stream. */
  readonly answer: Json | null;
  /** The list that is given page by page, by the name of its field; null where there are no pages. */
  readonly pages: string | null;
};

export type Described = {
  readonly version: string;
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Json>>;
};

type Said = Json & {
  operationId: string;
  summary?: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content?: Record<string, { schema?: Json }> };
  responses: Record<string, { content?: Record<string, { schema?: Json }> }>;
};

const verbs = new Set(['get', 'post', 'put', 'patch', 'delete']);
/** Spoken by libraries of their own, or by browsers. */
const notOurs = /^\/(?:mcp|forge\/webhook|session|\.well-known\/oauth)/;

/** What the description of a farm says, as far as clients need it. */
export function readOperations(document: Json): Described {
  const { info, paths, components } = document as {
    info: { version: string };
    paths: Record<string, Record<string, Said>>;
    components: { schemas: Record<string, Json> };
  };
  const operations = Object.entries(paths).flatMap(([path, said]) =>
    Object.entries(said).flatMap(([method, one]) =>
      verbs.has(method) && !notOurs.test(path) ? [operationOf(method, path, one)] : [],
    ),
  );
  return { version: info.version, operations, schemas: components.schemas };
}

function operationOf(method: string, path: string, said: Said): Operation {
  const parameters = (said.parameters ?? []).filter((one) => one.in === 'path' || one.in === 'query');
  const success = said.responses['200'] ?? said.responses['201'] ?? said.responses['202'];
  const answer = success?.content?.['application/json']?.schema ?? null;
  const body = Object.values(said.requestBody?.content ?? {})[0]?.schema ?? null;
  const names = parameters.map(({ name }) => name);
  return {
    id: said.operationId,
    method: method.toUpperCase(),
    path,
    summary: said.summary ?? '',
    parameters,
    repeated: parameters.filter(isRepeated).map(({ name }) => name),
    takesIfMatch: (said.parameters ?? []).some(({ name }) => name.toLowerCase() === 'if-match'),
    body,
    bodyRequired: body !== null && said.requestBody?.required === true && !takesNull(body),
    answer,
    pages: names.includes('cursor') ? listIn(answer) : null,
  };
}

function isRepeated({ schema, explode = true }: Parameter): boolean {
  const some = [schema, ...((schema.anyOf ?? schema.oneOf ?? []) as Json[])];
  return explode && some.some(({ type }) => type === 'array');
}

function takesNull({ anyOf }: Json): boolean {
  return Array.isArray(anyOf) && anyOf.some((one: Json) => one.type === 'null');
}

function listIn(answer: Json | null): string | null {
  const properties = (answer?.properties ?? {}) as Record<string, Json>;
  return Object.keys(properties).find((name) => properties[name]?.type === 'array') ?? null;
}

/** The name of the schema that a reference leads to. */
export function nameOf(reference: unknown): string {
  return String(reference).split('/').at(-1) ?? '';
}

/** `getJobsByIdLog` in other spellings. */
export const spelled = {
  snake: (id: string) => id.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll('-', '_'),
  pascal: (id: string) =>
    id
      .split(/[^A-Za-z0-9]+/)
      .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
      .join(''),
};
