import { type Described, type Json, nameOf, type Operation, spelled } from '../read-operations.ts';

/** The generated half of the package: what there is to ask, and the types of it. */
export function writeTypeScript({ version, operations, schemas }: Described): Record<string, string> {
  const table = operations.map(({ id, method, path, parameters, repeated, body, pages }) => {
    const query = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    return `  ${id}: ${JSON.stringify({ method, path, query, repeated, hasBody: body !== null, pages })},`;
  });
  return {
    'operations.mjs': `// Of crafting-table ${version}.\nexport const operations = {\n${table.join('\n')}\n};\n`,
    'index.mjs': "export { FarmClient, FarmProblem } from './runtime.mjs';\n",
    'index.d.mts': declarations({ version, operations, schemas }),
  };
}

function declarations({ version, operations, schemas }: Described): string {
  const types = Object.entries(schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)};`);
  const methods = operations.map((one) => `  /** ${docOf(one)} */\n  ${one.id}: ${methodOf(one)};`);
  const paged = operations.flatMap((one) => (one.pages === null ? [] : [`  ${one.id}: ${itemOf(one)};`]));
  return [
    `// Of crafting-table ${version}.`,
    "import type { CallOptions, FarmClientBase } from './runtime.mjs';",
    "export { type AnswerHead, type CallOptions, type FarmClientOptions, FarmProblem, type StreamEvent } from './runtime.mjs';",
    ...types,
    `export type Operations = {\n${methods.join('\n')}\n};`,
    `/** What the items are of lists that come in pages. */\nexport type Paged = {\n${paged.join('\n')}\n};`,
    'export interface FarmClient extends FarmClientBase<Operations, Paged>, Operations {}',
    "export declare const FarmClient: new (options: import('./runtime.mjs').FarmClientOptions) => FarmClient;",
    '',
  ].join('\n\n');
}

const docOf = ({ summary, method, path }: Operation) => `${summary.replaceAll('*/', '* /')} (${method} ${path})`;

function methodOf({ parameters, body, bodyRequired, answer }: Operation): string {
  const fields = parameters.map(
    ({ name, required, schema, in: place }) =>
      `${key(name)}${required || place === 'path' ? '' : '?'}: ${place === 'path' ? 'string | number' : typeOf(schema)}`,
  );
  if (body) fields.push(`body${bodyRequired ? '' : '?'}: ${typeOf(body)}`);
  const isNeeded = bodyRequired || parameters.some(({ required, in: place }) => required || place === 'path');
  const args =
    fields.length === 0 ? 'args?: Record<string, never>' : `args${isNeeded ? '' : '?'}: { ${fields.join('; ')} }`;
  return `(${args}, options?: CallOptions) => Promise<${answer ? typeOf(answer) : 'string'}>`;
}

function itemOf({ answer, pages }: Operation): string {
  const list = ((answer?.properties ?? {}) as Record<string, Json>)[pages ?? ''];
  return list ? typeOf((list.items ?? {}) as Json) : 'unknown';
}

const key = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

/** A schema as a type. What it does not say is `unknown`. */
function typeOf(schema: Json): string {
  if (schema.$ref) return spelled.pascal(nameOf(schema.$ref));
  if (Array.isArray(schema.enum)) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if ('const' in schema) return JSON.stringify(schema.const);
  const any = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (any) return [...new Set(any.map(typeOf))].map((one) => `(${one})`).join(' | ');
  if (Array.isArray(schema.allOf)) return (schema.allOf as Json[]).map(typeOf).join(' & ');
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `(${typeOf((schema.items ?? {}) as Json)})[]`;
    case 'object':
      return objectOf(schema);
    default:
      return 'unknown';
  }
}

function objectOf(schema: Json): string {
  const {
    properties,
    required = [],
    patternProperties,
    additionalProperties,
  } = schema as {
    properties?: Record<string, Json>;
    required?: string[];
    patternProperties?: Record<string, Json>;
    additionalProperties?: Json | boolean;
  };
  const [pattern] = Object.values(patternProperties ?? {});
  if (!properties) {
    const value = pattern ?? (typeof additionalProperties === 'object' ? additionalProperties : null);
    return `Record<string, ${value ? typeOf(value) : 'unknown'}>`;
  }
  const fields = Object.entries(properties).map(
    ([name, one]) => `${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(one)}`,
  );
  return `{ ${fields.join('; ')} }`;
}
