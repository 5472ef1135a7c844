import { type Described, type Json, nameOf, type Operation, spelled } from '../read-operations.ts';

/** Of the half that is written by hand. */
const taken = new Set(['Problem', 'Event', 'Query', 'Farm', 'Option']);
const nameIn = (name: string) =>
  taken.has(spelled.pascal(name)) ? `${spelled.pascal(name)}Document` : spelled.pascal(name);

/** The generated half of the package: a struct for each named schema and answer, a method for each operation. */
export function writeGo({ version, operations, schemas }: Described): Record<string, string> {
  const structs = Object.entries(schemas).map(([name, schema]) => `type ${nameIn(name)} ${typeOf(schema)}`);
  const methods = operations.map(methodOf);
  return {
    'operations.go': [
      `// Of crafting-table ${version}.`,
      'package craftingtable',
      '',
      'import (\n\t"context"\n\t"encoding/json"\n)',
      '',
      'var _ json.RawMessage',
      '',
      ...structs,
      ...methods,
      '',
    ].join('\n'),
  };
}

const keywords = new Set([
  'type',
  'range',
  'func',
  'map',
  'var',
  'go',
  'default',
  'package',
  'query',
  'body',
  'ctx',
  'f',
  'options',
]);
const argument = (name: string) => {
  const plain = name.replace(/[^A-Za-z0-9]/g, '');
  return keywords.has(plain) ? `${plain}Value` : plain;
};

function methodOf({ id, method, path, summary, parameters, repeated, body, answer }: Operation): string {
  const name = spelled.pascal(id);
  const inPath = parameters.filter((one) => one.in === 'path');
  const hasQuery = parameters.some((one) => one.in === 'query');
  const given = ['ctx context.Context', ...inPath.map((one) => `${argument(one.name)} string`)];
  if (body) given.push('body any');
  if (hasQuery) given.push('query Query');
  given.push('options ...Option');
  const pieces = path.split(/(\{\w+\})/).filter(Boolean);
  const address = pieces
    .map((piece) => (piece.startsWith('{') ? `segment(${argument(piece.slice(1, -1))})` : JSON.stringify(piece)))
    .join(' + ');
  const type = answer ? `${name}Answer` : 'string';
  const call = `f.call(ctx, ${JSON.stringify(method)}, ${address}, ${hasQuery ? `query${repeated.map((one) => `.repeating(${JSON.stringify(one)})`).join('')}` : 'nil'}, ${body ? 'body' : 'nil'}, &answer, options)`;
  return [
    ...(answer ? [`\ntype ${type} ${typeOf(answer)}`] : []),
    `\n// ${name}: ${summary.replaceAll('\n', ' ')}.`,
    `func (f *Farm) ${name}(${given.join(', ')}) (${type}, error) {`,
    `\tvar answer ${type}`,
    `\terr := ${call}`,
    '\treturn answer, err',
    '}',
  ].join('\n');
}

/** A schema as a type; what may be several things stays as it came. */
function typeOf(schema: Json): string {
  if (schema.$ref) return nameIn(nameOf(schema.$ref));
  const any = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (any) {
    const others = any.filter((one) => one.type !== 'null');
    const [only] = others;
    return others.length === 1 && only ? pointerTo(typeOf(only)) : 'json.RawMessage';
  }
  switch (schema.type) {
    case 'string':
      return 'string';
    case 'integer':
      return 'int64';
    case 'number':
      return 'float64';
    case 'boolean':
      return 'bool';
    case 'array':
      return `[]${typeOf((schema.items ?? {}) as Json)}`;
    case 'object':
      return structOf(schema);
    default:
      return 'json.RawMessage';
  }
}

const pointerTo = (type: string) => (/^(?:\[\]|map|json\.|\*)/.test(type) ? type : `*${type}`);

function structOf({
  properties,
  required = [],
}: Json & { properties?: Record<string, Json>; required?: string[] }): string {
  if (!properties) return 'map[string]json.RawMessage';
  const fields = Object.entries(properties).map(([name, one]) => {
    const type = typeOf(one);
    return `\t${spelled.pascal(name)} ${required.includes(name) ? type : pointerTo(type)} \`json:"${name},omitempty"\``;
  });
  return `struct {\n${fields.join('\n')}\n}`;
}
