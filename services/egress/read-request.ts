import type { IncomingMessage } from 'node:http';
import { AppError } from '../floor/app-error.ts';
import { parseJson } from '../floor/text/parse-json.ts';
import { type Fields, fieldsOf, listOf } from './rules/json-fields.ts';
import type { Asked, WireFormat } from './wire/define.ts';

/** A request as it came, and what it asks for. */
export type ReadRequest = { readonly raw: Buffer; readonly body: Fields; readonly asked: Asked };

/** What the manifest of an agent lets its requests ask for. */
export type MayAsk = {
  /** Models, `*` standing for any text; null: every one. */
  readonly models: readonly string[] | null;
  /** What providers may do by themselves, as `wire/hosted-tools.ts` names it, `*` standing for any text. */
  readonly providerTools: readonly string[];
};

const mostRequestBytes = 32 * 2 ** 20;
const arrivalMs = 120_000;

/**
 * Reads a request whole and checks it. Throws AppError: `too_large`, `timeout`, `invalid`, `forbidden` (a model or a tool
 * that this agent may not ask for).
 */
export async function readRequest(
  incoming: IncomingMessage,
  format: WireFormat,
  path: string,
  { models, providerTools }: MayAsk,
): Promise<ReadRequest> {
  const raw = await wholeOf(incoming);
  if (incoming.method === 'GET') return { raw, body: {}, asked: format.ask({}, path) };
  const parsed = parseJson(raw.toString('utf8'));
  const body = fieldsOf(parsed);
  if (body !== parsed) throw new AppError('invalid', 'The body of the request is not a JSON object.');
  const asked = format.ask(body, path);
  if (asked.refusal !== null) throw new AppError('invalid', asked.refusal);
  if (asked.model === '') throw new AppError('invalid', 'model: the name of a model was expected.');
  if (models !== null && !isListed(asked.model, models))
    throw new AppError('forbidden', notListed(asked.model, models));
  if (reachesOut(body))
    throw new AppError('forbidden', 'Servers of MCP are not reached through a provider: no host is on the list of it.');
  const other = asked.hosted.find((name) => !isListed(name, providerTools));
  if (other !== undefined) throw new AppError('forbidden', atProvider(other, providerTools));
  return { raw, body, asked };
}

function isListed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, model: string): boolean {
  const escaped = pattern.split('*').map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(model);
}

function notListed(model: string, models: readonly string[]): string {
  return `The manifest of this agent lists ${models.join(', ') || 'no model'}, and not ${model.slice(0, 128)}.`;
}

/** The provider has a network that the list of hosts does not hold: what it does there is for the manifest to allow. */
function atProvider(name: string, listed: readonly string[]): string {
  const allowed = listed.length === 0 ? 'nothing' : listed.join(', ');
  return `The request has the provider do ${name} by itself. The manifest of this agent allows ${allowed} there (provider_tools).`;
}

/** Whether the provider is asked to reach servers that the request names. */
function reachesOut(body: Fields): boolean {
  if (listOf(body.mcp_servers).length > 0) return true;
  return listOf(body.tools).some((tool) => fieldsOf(tool).type === 'mcp');
}

function wholeOf(incoming: IncomingMessage): Promise<Buffer> {
  if (!/^(identity)?$/i.test(incoming.headers['content-encoding'] ?? ''))
    return Promise.reject(new AppError('invalid', 'The body of a request is to come without a content-encoding.'));
  if (Number(incoming.headers['content-length'] ?? 0) > mostRequestBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const deadline = setTimeout(
      () => reject(new AppError('timeout', `The request did not arrive within ${arrivalMs / 1000} s.`)),
      arrivalMs,
    );
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > mostRequestBytes) reject(tooLarge());
      else chunks.push(chunk);
    });
    incoming.once('end', () => resolve(Buffer.concat(chunks)));
    incoming.once('close', () => {
      clearTimeout(deadline);
      reject(new AppError('invalid', 'The request broke off.'));
    });
    incoming.once('error', reject);
  });
}

function tooLarge(): AppError {
  return new AppError('too_large', `A request may have ${mostRequestBytes} bytes at most.`);
}
