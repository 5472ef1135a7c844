import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import type { Json } from './http.ts';

/** One operation of a forge's published description, with the parameters that its path had. */
export type Operation = { readonly route: string; readonly params: readonly string[]; readonly described: Json };

export type Description = {
  readonly operation: (method: string, path: string) => Operation | null;
  /** What is wrong with a request, or with an answer; null when it is as described. */
  readonly requestFault: (operation: Operation, body: unknown) => string | null;
  readonly answerFault: (operation: Operation, status: number, body: unknown) => string | null;
  /** The smallest answer that the description allows, to be filled with what is known. */
  readonly sample: (operation: Operation, status: number) => Json;
};

/** Reads the stored part of a description: `gitea` is Swagger 2, the others OpenAPI 3. */
export function readDescription(forge: 'gitea' | 'github' | 'gitlab'): Description {
  const file = path.join(import.meta.dirname, 'forge-descriptions', `${forge}-api.json`);
  const document: Json = JSON.parse(readFileSync(file, 'utf8'));
  const routes = Object.entries<Json>(document.paths).map(([template, methods]) => ({
    template,
    methods,
    matches: matcherOf(template),
  }));
  const ajv = new Ajv({ unknownFormats: 'ignore', logger: false });
  ajv.addSchema(strict(document, forge === 'gitea'), 'api');
  const compiled = new Map<string, ValidateFunction>();
  const follow = (node: Json): Json => (node?.$ref === undefined ? node : follow(at(document, node.$ref)));
  const fault = (pointer: string | null, value: unknown): string | null => {
    if (pointer === null) return null;
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `api${pointer}` });
    compiled.set(pointer, validate);
    return validate(value) ? null : ajv.errorsText(validate.errors).slice(0, 1000);
  };
  const answerPointer = ({ described }: Operation, status: number): string | null => {
    const [node, where] = resolved(document, described.responses[status], `${described.pointer}/responses/${status}`);
    if (node?.schema !== undefined) return `${where}/schema`;
    return node?.content === undefined ? null : `${where}/content/application~1json/schema`;
  };

  return {
    operation: (method, requested) => {
      for (const { template, methods, matches } of routes) {
        const params = matches.exec(requested)?.slice(1).map(decodeURIComponent);
        const name = method.toLowerCase();
        if (params === undefined || methods[name] === undefined) continue;
        const pointer = `#/paths/${template.replaceAll('~', '~0').replaceAll('/', '~1')}/${name}`;
        return { route: `${method} ${template}`, params, described: { ...methods[name], pointer } };
      }
      return null;
    },
    requestFault: ({ described }, body) => {
      const inBody = (described.parameters ?? []).findIndex((one: Json) => one.in === 'body');
      if (inBody >= 0) return fault(`${described.pointer}/parameters/${inBody}/schema`, body);
      if (described.requestBody === undefined) return body === undefined ? null : 'a body where none is expected';
      return fault(`${described.pointer}/requestBody/content/application~1json/schema`, body);
    },
    answerFault: (operation, status, body) => fault(answerPointer(operation, status), body),
    sample: (operation, status) => {
      const pointer = answerPointer(operation, status);
      return pointer === null ? undefined : sampleOf(at(document, pointer), follow, true);
    },
  };
}

/** A path template as an expression; numbers are numbers, and the last parameter of Gitea's is the rest of the path. */
function matcherOf(template: string): RegExp {
  const source = template
    .replace(/\{(index|pull_number|issue_number|merge_request_iid|issue_iid|comment_id|note_id)\}/g, '(\\d+)')
    .replace(/\{head\}/, '(.+)')
    .replace(/\{\w+\}/g, '([^/]+)');
  return new RegExp(`^${source}$`);
}

function at(document: Json, pointer: string): Json {
  const parts = pointer.slice(2).split('/');
  return parts.reduce((node, part) => node[part.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

function resolved(document: Json, node: Json, where: string): [Json, string] {
  return node?.$ref === undefined ? [node, where] : resolved(document, at(document, node.$ref), node.$ref);
}

/**
 * The same schemas for a validator: objects are closed, so that nothing undescribed is sent either way; `nullable` becomes
 * a null; and what Gitea need not answer may be null there, since Go prints an absent thing so and Swagger 2 cannot say it.
 */
function strict(node: Json, loose: boolean, key = ''): Json {
  if (Array.isArray(node)) return node.map((each) => strict(each, loose));
  if (typeof node !== 'object' || node === null) return node;
  const isOption = key.endsWith('Option');
  const copy: Json = Object.fromEntries(
    Object.entries(node).map(([name, value]) => [name, strict(value, loose && !isOption, name)]),
  );
  if (copy.type === 'object' && copy.properties !== undefined && key !== 'properties') {
    copy.additionalProperties ??= false;
    if (loose && !isOption)
      for (const [name, value] of Object.entries(copy.properties))
        if (!(copy.required ?? []).includes(name)) copy.properties[name] = { anyOf: [{ type: 'null' }, value] };
  }
  if (copy.nullable !== true) return copy;
  const { nullable: _, ...rest } = copy;
  return { anyOf: [{ type: 'null' }, rest] };
}

/** `top`: a list is shown with one of its items. */
function sampleOf(schema: Json, follow: (node: Json) => Json, top = false): Json {
  const node = follow(schema);
  if (node.nullable === true) return null;
  if (node.enum !== undefined) return node.enum[0];
  const choice = node.anyOf ?? node.oneOf;
  if (choice !== undefined) return sampleOf(choice[0], follow);
  if (node.type === 'object' || node.properties !== undefined) {
    const required: string[] = node.required ?? [];
    return Object.fromEntries(required.map((name) => [name, sampleOf(node.properties[name], follow)]));
  }
  if (node.type === 'array') return top ? [sampleOf(node.items, follow)] : [];
  if (node.type === 'boolean') return false;
  if (node.type === 'integer' || node.type === 'number') return 0;
  return { uri: 'http://forge.example/x', 'date-time': '2026-01-01T00:00:00Z' }[String(node.format)] ?? '';
}
