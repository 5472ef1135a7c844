import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { closed, Name } from '../../../events/fields.ts';
import { AppError, messageOf } from '../../floor/app-error.ts';
import type { ProviderKind } from '../wire/registry.ts';

/** A provider with the key under which the farm, or one team, is known there. The key leaves only in a header to its URL. */
export type Provider = {
  readonly name: string;
  readonly kind: ProviderKind;
  /** Without `/v1`, and without a slash at the end. */
  readonly url: string;
  readonly key: string;
  /** The teams that may use it; null for all. */
  readonly teams: readonly string[] | null;
};

const File = Type.String({ minLength: 1, maxLength: 4096 });
const Entry = closed({
  name: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,31}$' }),
  kind: Type.Union([Type.Literal('anthropic'), Type.Literal('openai'), Type.Literal('gemini')]),
  url: Type.String({ pattern: '^https?://[^\\s@?#]+$', maxLength: 2048 }),
  key_file: File,
  teams: Type.Optional(Type.Array(Name, { minItems: 1, maxItems: 256, uniqueItems: true })),
});
const Providers = Type.Array(Entry, { maxItems: 64 });

/** Reads the providers of a file. Throws AppError('misconfigured') that names the place and what was expected there. */
export function readProviderFile(file: string): readonly Provider[] {
  const at = resolve(file);
  const value = parsed(at);
  const [fault] = Value.Errors(Providers, value);
  if (fault || !Value.Check(Providers, value))
    throw wrong(at, `${fault?.path || 'the whole'}: ${fault?.message ?? 'not a list of providers'}`);
  const providers = value.map((entry, index) => providerOf(entry, at, `/${index}`));
  const twice = sameTwice(providers);
  if (twice !== null) throw wrong(at, twice);
  return providers;
}

/** Why two entries of one name cannot be told apart for a team, or null. */
function sameTwice(providers: readonly Provider[]): string | null {
  for (const [index, { name, teams }] of providers.entries())
    for (const other of providers.slice(0, index)) {
      if (other.name !== name) continue;
      if (teams === null && other.teams === null) return `two providers for every team are called ${name}`;
      const both = teams?.find((team) => other.teams?.includes(team));
      if (both !== undefined) return `two providers of the team ${both} are called ${name}`;
    }
  return null;
}

function providerOf(entry: Static<typeof Entry>, at: string, place: string): Provider {
  const { name, kind, url, key_file, teams = null } = entry;
  let key: string;
  try {
    key = readFileSync(resolve(dirname(at), key_file), 'utf8').trim();
  } catch (cause) {
    throw wrong(at, `${place}/key_file cannot be read (${messageOf(cause)})`, cause);
  }
  if (!isKey(key)) throw wrong(at, `${place}/key_file: a file with one key was expected`);
  return { name, kind, url: trimmed(url), key, teams };
}

/** Whether a header can carry it. */
export function isKey(key: string): boolean {
  return /^[\u0021-\u007e]{1,4096}$/.test(key);
}

export function trimmed(url: string): string {
  return url.replace(/\/+$/, '').replace(/\/v1$/, '');
}

function parsed(at: string): unknown {
  try {
    return JSON.parse(readFileSync(at, 'utf8'));
  } catch (cause) {
    // The parser's own words repeat a piece of the file.
    const why = cause instanceof SyntaxError ? 'it is not JSON' : messageOf(cause);
    throw wrong(at, why, cause);
  }
}

function wrong(at: string, what: string, cause?: unknown): AppError {
  return new AppError('misconfigured', `CRAFTING_PROVIDERS: ${at}: ${what}.`, { cause });
}
