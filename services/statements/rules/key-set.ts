import { createPublicKey, type KeyObject } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { AppError } from '../../floor/app-error.ts';
import { keyIdOf, publicKeyOf } from './dsse-envelope.ts';

/** Public keys as the farm publishes them (RFC 7517, RFC 8037). `active`: whether the farm signs with it still. */
export const KeySet = Type.Object({
  keys: Type.Array(
    Type.Object({
      kty: Type.Literal('OKP'),
      crv: Type.Literal('Ed25519'),
      x: Type.String({ description: 'the key, 32 bytes in base64url' }),
      kid: Type.String({ description: 'SHA-256 of its SubjectPublicKeyInfo' }),
      use: Type.Literal('sig'),
      alg: Type.Literal('EdDSA'),
      active: Type.Boolean(),
    }),
  ),
});
export type KeySet = Static<typeof KeySet>;

/** The newest key first in the list is the one that signs. */
export function keySetOf(newestFirst: readonly { readonly key_id: string; readonly public_key: string }[]): KeySet {
  return {
    keys: newestFirst.map(({ key_id, public_key }, at) => ({
      kty: 'OKP',
      crv: 'Ed25519',
      x: publicKeyOf(public_key).export({ format: 'jwk' }).x ?? '',
      kid: key_id,
      use: 'sig',
      alg: 'EdDSA',
      active: at === 0,
    })),
  };
}

/** Public keys out of a key set or PEM, by their ids. Throws AppError('invalid'). */
export function readKeys(text: string, name: string): Map<string, KeyObject> {
  const found = /-----BEGIN PUBLIC KEY-----/.test(text) ? pemKeys(text, name) : jsonKeys(text, name);
  if (found.length === 0) throw new AppError('invalid', `${name} holds no public key.`);
  for (const key of found)
    if (key.asymmetricKeyType !== 'ed25519')
      throw new AppError('invalid', `${name} holds a key of type ${key.asymmetricKeyType}; ed25519 was expected.`);
  return new Map(found.map((key) => [keyIdOf(key), key]));
}

function pemKeys(text: string, name: string): KeyObject[] {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g) ?? [];
  return blocks.map((pem) => {
    try {
      return createPublicKey(pem);
    } catch {
      throw new AppError('invalid', `${name} holds a public key that cannot be read.`);
    }
  });
}

function jsonKeys(text: string, name: string): KeyObject[] {
  const expected = `${name} is no key set (JWKS) and no PEM of public keys.`;
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new AppError('invalid', expected);
  }
  const set = Type.Object({
    keys: Type.Array(Type.Object({ kty: Type.String(), crv: Type.String(), x: Type.String() })),
  });
  if (!Value.Check(set, found)) throw new AppError('invalid', expected);
  return found.keys.map(({ kty, crv, x }) => {
    try {
      return createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
    } catch {
      throw new AppError('invalid', `${name} holds a key that cannot be read.`);
    }
  });
}
