import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { farmSignature } from '../../events/people/signing.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { Vault } from '../io/sealing/vault.ts';
import { keyIdOf, type SigningKey } from './rules/dsse-envelope.ts';

type SigningDeps = { readonly log: EventLog; readonly vault: Vault };

/** The key with which the farm signs; the first one is made when it is asked for. The private half never leaves the vault. */
export async function signingKey(deps: SigningDeps): Promise<SigningKey> {
  const newest = await deps.log.last('SigningKeyAdded', farmSignature);
  const { key_id: keyId, private_ref } = newest?.data ?? (await addKey('crafting-table', 0, deps));
  return { keyId, privateKey: createPrivateKey(await deps.vault.get(private_ref)) };
}

/** Has the farm sign with a new key from now on; answers its id. */
export async function rotateSigningKey(by: string, deps: SigningDeps): Promise<{ key_id: string; seq: number }> {
  const newest = await deps.log.last('SigningKeyAdded', farmSignature);
  return addKey(by, newest?.seq ?? 0, deps);
}

/** Of several that add one at the same moment, one does: the others take that. */
async function addKey(by: string, expect: number, { log, vault }: SigningDeps) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const private_ref = await vault.put(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const public_key = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  const data = { key_id: keyIdOf(publicKey), public_key, private_ref, by };
  const made = await appendOnce(log, { type: 'SigningKeyAdded', id: farmSignature, data }, { expect });
  if (made.outcome === 'appended') return { ...data, seq: made.seq };
  await vault.erase(private_ref);
  return { ...made.event.data, seq: made.seq };
}

/** Bytes signed with ed25519, in base64. */
export function signed(bytes: Uint8Array, { privateKey }: SigningKey): string {
  return sign(null, bytes, privateKey).toString('base64');
}
