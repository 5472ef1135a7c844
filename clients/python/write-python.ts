import { type Described, type Json, nameOf, type Operation, spelled } from '../read-operations.ts';

/** The generated half of the package: a method for each operation, and the shapes of what they answer. */
export function writePython({ version, operations, schemas }: Described): Record<string, string> {
  const methods = operations.map(methodOf).join('\n');
  const pages = Object.fromEntries(
    operations.flatMap(({ id, pages: list }) => (list === null ? [] : [[spelled.snake(id), list]])),
  );
  const shapes = Object.entries(schemas)
    .map(([name, schema]) => shapeOf(spelled.pascal(name), schema))
    .join('\n');
  return {
    'crafting_table/__init__.py': [
      `"""Client of a crafting-table farm. Of crafting-table ${version}."""`,
      'from .farm import Farm',
      'from .runtime import FarmProblem',
      '',
      '__all__ = ["Farm", "FarmProblem"]',
      '',
    ].join('\n'),
    'crafting_table/shapes.py': `from typing import Any, Dict, List, Literal, Optional, TypedDict, Union\n\n${shapes}`,
    'crafting_table/farm.py': `from typing import Any, Dict, List, Optional\n\nfrom . import shapes\nfrom .runtime import FarmBase, OnAnswer\n\n\nclass Farm(FarmBase):\n    """A farm: each operation of its description is a method."""\n\n    _pages = ${JSON.stringify(pages)}\n\n${methods}`,
  };
}

function shapeOf(name: string, schema: Json): string {
  const { properties } = schema as { properties?: Record<string, Json> };
  if (!properties) return `${name} = ${typeOf(schema, '')}\n`;
  const fields = Object.entries(properties).map(([key, one]) => `    ${JSON.stringify(key)}: ${typeOf(one, '')},`);
  return `${name} = TypedDict(${JSON.stringify(name)}, {\n${fields.join('\n')}\n}, total=False)\n`;
}

const keywords = new Set([
  'from',
  'with',
  'in',
  'is',
  'not',
  'class',
  'def',
  'if',
  'for',
  'and',
  'or',
  'global',
  'lambda',
]);
const argument = (name: string) => {
  const plain = name.replaceAll('-', '_');
  return keywords.has(plain) ? `${plain}_` : plain;
};

function methodOf(operation: Operation): string {
  const { id, method, path, summary, parameters, repeated, takesIfMatch, body, bodyRequired, answer } = operation;
  const inPath = parameters.filter((one) => one.in === 'path');
  const inQuery = parameters.filter((one) => one.in === 'query');
  const given = [
    ...inPath.map(({ name }) => `${argument(name)}: Any`),
    ...(body && bodyRequired ? ['body: Any'] : []),
    '*',
    ...(body && !bodyRequired ? ['body: Any = None'] : []),
    ...inQuery.map(({ name, required }) => `${argument(name)}: Any${required ? '' : ' = None'}`),
    ...(method === 'POST' ? ['idempotency_key: Optional[str] = None'] : []),
    ...(takesIfMatch ? ['if_match: Optional[str] = None'] : []),
    'on_answer: OnAnswer = None',
  ];
  const options = [
    `repeated=(${repeated.map((one) => `${JSON.stringify(one)}, `).join('')})`,
    ...(method === 'POST' ? ['idempotency_key=idempotency_key'] : []),
    ...(takesIfMatch ? ['if_match=if_match'] : []),
    'on_answer=on_answer',
  ].join(', ');
  const query = inQuery.map(({ name }) => `${JSON.stringify(name)}: ${argument(name)}`).join(', ');
  const values = inPath.map(({ name }) => `${JSON.stringify(name)}: ${argument(name)}`).join(', ');
  const call = `self._call(${JSON.stringify(method)}, ${JSON.stringify(path)}, {${values}}, {${query}}, ${body ? 'body' : 'None'}, ${options})`;
  const words = summary.replaceAll('\\', '').replaceAll('"""', '');
  return `    def ${spelled.snake(id)}(self, ${given.join(', ')}) -> ${answer ? 'Dict[str, Any]' : 'str'}:\n        """${words}."""\n        return ${call}\n`;
}

function typeOf(schema: Json, _place: string): string {
  if (schema.$ref) return JSON.stringify(spelled.pascal(nameOf(schema.$ref)));
  if (Array.isArray(schema.enum)) return `Literal[${schema.enum.map(literal).join(', ')}]`;
  const any = (schema.anyOf ?? schema.oneOf) as Json[] | undefined;
  if (any) return `Union[${[...new Set(any.map((one) => typeOf(one, '')))].join(', ')}]`;
  switch (schema.type) {
    case 'string':
      return 'str';
    case 'integer':
      return 'int';
    case 'number':
      return 'float';
    case 'boolean':
      return 'bool';
    case 'null':
      return 'None';
    case 'array':
      return `List[${typeOf((schema.items ?? {}) as Json, '')}]`;
    case 'object':
      return 'Dict[str, Any]';
    default:
      return 'Any';
  }
}

function literal(value: unknown): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : value === null ? 'None' : JSON.stringify(value);
}
