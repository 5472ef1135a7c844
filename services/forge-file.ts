import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { closed } from '../events/fields.ts';
import { AppError, messageOf } from './floor/app-error.ts';
import type { ForgeInstance, ForgeSecret } from './floor/forges/forge-instances.ts';
import { shadowedForge } from './floor/forges/shadowed-forge.ts';

const Address = Type.String({ pattern: '^https?://[^\\s@?#]+$', maxLength: 2048 });
const File = Type.String({ minLength: 1, maxLength: 4096 });

/** One forge of the file that `CRAFTING_FORGES` names. Paths are seen from that file. */
const Entry = closed({
  name: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' }),
  kind: Type.Union([Type.Literal('gitea'), Type.Literal('forgejo'), Type.Literal('github'), Type.Literal('gitlab')]),
  url: Address,
  api: Type.Optional(Address),
  token_file: Type.Optional(File),
  app: Type.Optional(closed({ id: Type.String({ pattern: '^[A-Za-z0-9.]{1,64}$' }), private_key_file: File })),
  repositories: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 512 }), { minItems: 1, maxItems: 256 }),
  ),
  ca_file: Type.Optional(File),
});
const Forges = Type.Array(Entry, { maxItems: 64 });

/** Reads the forges of a file. Throws AppError('misconfigured') that names the place and what was expected there. */
export function readForgeFile(file: string): readonly ForgeInstance[] {
  const at = resolve(file);
  const value = parsed(at);
  const [fault] = Value.Errors(Forges, value);
  if (fault || !Value.Check(Forges, value))
    throw wrong(
      at,
      `${fault?.path || 'the whole'}: ${expectedAt(fault?.path) ?? fault?.message ?? 'not a list of forges'}`,
    );
  const names = value.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrong(at, `two forges are called ${twice}`);
  const shadowed = shadowedForge(value);
  if (shadowed !== null) throw wrong(at, shadowed);
  return value.map((entry, index) => instanceOf(entry, { at, place: `/${index}` }));
}

function expectedAt(path = ''): string | null {
  return /^\/\d+\/kind$/.test(path) ? 'gitea, forgejo, github or gitlab was expected' : null;
}

type Where = { readonly at: string; readonly place: string };

function instanceOf(entry: Static<typeof Entry>, where: Where): ForgeInstance {
  const { name, kind, url, api = null, repositories = null, ca_file } = entry;
  const ca = ca_file === undefined ? null : certificatesOf(ca_file, where);
  return {
    ...{ name, kind: kind === 'forgejo' ? 'gitea' : kind, url: url.replace(/\/+$/, ''), api, repositories, ca },
    secret: secretOf(entry, where),
  };
}

function secretOf({ kind, token_file, app }: Static<typeof Entry>, where: Where): ForgeSecret {
  if ((token_file === undefined) === (app === undefined))
    throw wrong(where.at, `${where.place}: one of token_file and app is needed, and only one`);
  if (app === undefined) {
    const token = contentOf(token_file ?? '', `${where.place}/token_file`, where).trim();
    if (token === '' || /\s/.test(token)) throw wrong(where.at, `${where.place}/token_file: a file with one token`);
    return { kind: 'token', token };
  }
  if (kind !== 'github') throw wrong(where.at, `${where.place}/app: only GitHub has apps`);
  const privateKey = contentOf(app.private_key_file, `${where.place}/app/private_key_file`, where);
  if (!isRsaKey(privateKey))
    throw wrong(
      where.at,
      `${where.place}/app/private_key_file: the PEM file with the RSA key that GitHub gave for the app`,
    );
  return { kind: 'app', appId: app.id, privateKey };
}

function isRsaKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === 'rsa';
  } catch {
    return false;
  }
}

function certificatesOf(file: string, where: Where): string {
  const place = `${where.place}/ca_file`;
  const pem = contentOf(file, place, where);
  const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  const begun = pem.match(/-----BEGIN /g) ?? [];
  try {
    for (const one of all) new X509Certificate(one);
    if (all.length > 0 && all.length === begun.length) return pem;
  } catch {}
  throw wrong(where.at, `${place}: a file of certificates in PEM`);
}

function parsed(at: string): unknown {
  try {
    return JSON.parse(readFileSync(at, 'utf8'));
  } catch (cause) {
    throw new AppError('misconfigured', `CRAFTING_FORGES: ${at} cannot be read as JSON: ${messageOf(cause)}.`, {
      cause,
    });
  }
}

function contentOf(file: string, place: string, { at }: Where): string {
  try {
    return readFileSync(resolve(dirname(at), file), 'utf8');
  } catch (cause) {
    throw wrong(at, `${place}: ${file} cannot be read (${messageOf(cause)})`);
  }
}

/** Nothing of what a file holds stands in its message. */
function wrong(at: string, what: string): AppError {
  return new AppError('misconfigured', `CRAFTING_FORGES: ${at}: ${what}.`);
}
