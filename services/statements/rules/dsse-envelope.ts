import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** The payload of every envelope of ours. */
const statementType = 'application/vnd.in-toto+json';

/** A DSSE envelope (secure-systems-lab/dsse, envelope.md). */
export type Envelope = {
  readonly payloadType: string;
  /** Base64. */
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
};

const shut = { additionalProperties: false };
const Envelope = Type.Object(
  {
    payloadType: Type.String({ maxLength: 256 }),
    payload: Type.String({ maxLength: 4_000_000 }),
    signatures: Type.Array(
      Type.Object({ keyid: Type.String({ maxLength: 256 }), sig: Type.String({ maxLength: 4096 }) }, shut),
      { minItems: 1, maxItems: 8 },
    ),
  },
  shut,
);

export type SigningKey = { readonly keyId: string; readonly privateKey: KeyObject };

/** What is signed: the payload with its type and both lengths (DSSE, protocol.md, PAE). */
function preAuthEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Seals a statement with ed25519. */
export function envelopeOf(statement: unknown, { keyId, privateKey }: SigningKey): Envelope {
  const payload = Buffer.from(JSON.stringify(statement));
  const sig = sign(null, preAuthEncoding(statementType, payload), privateKey).toString('base64');
  return { payloadType: statementType, payload: payload.toString('base64'), signatures: [{ keyid: keyId, sig }] };
}

/** Why an envelope cannot be believed, or what it holds and by whose key. `keys`: by their ids. */
export function openEnvelope(
  envelope: Envelope,
  keys: ReadonlyMap<string, KeyObject>,
):
  | { readonly ok: true; readonly payload: Buffer; readonly keyId: string }
  | { readonly ok: false; readonly why: string } {
  const payload = Buffer.from(envelope.payload, 'base64');
  // Base64 has many spellings of one value: another spelling is another file.
  if (payload.toString('base64') !== envelope.payload) return { ok: false, why: 'its payload is not base64' };
  if (envelope.payloadType !== statementType) return { ok: false, why: `its payload is ${envelope.payloadType}` };
  const encoded = preAuthEncoding(envelope.payloadType, payload);
  for (const { keyid, sig } of envelope.signatures) {
    const key = keys.get(keyid);
    const bytes = Buffer.from(sig, 'base64');
    if (key === undefined || bytes.toString('base64') !== sig) continue;
    if (verify(null, encoded, key, bytes)) return { ok: true, payload, keyId: keyid };
    return {
      ok: false,
      why: `the signature of key ${keyid.slice(0, 16)} does not fit: payload or signature was changed`,
    };
  }
  const named = envelope.signatures.map(({ keyid }) => keyid.slice(0, 16)).join(', ');
  return { ok: false, why: `it is signed by ${named}, which is none of the keys that were given` };
}

/** The envelopes of a bundle, one a line. Throws SyntaxError that names the line. */
export function readBundle(text: string): Envelope[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || lines.length > 16) throw new SyntaxError('it holds no statement');
  return lines.map((line, at) => {
    let found: unknown;
    try {
      found = JSON.parse(line);
    } catch {
      throw new SyntaxError(`line ${at + 1} is not JSON`);
    }
    if (!Value.Check(Envelope, found)) {
      const [fault] = Value.Errors(Envelope, found);
      throw new SyntaxError(`line ${at + 1} is no DSSE envelope (${fault?.path || 'the whole'}: ${fault?.message})`);
    }
    // Readers differ in which of two fields of one name they take.
    if (fieldsIn(line) !== 3 + 2 * found.signatures.length)
      throw new SyntaxError(`line ${at + 1} has a field twice in its envelope`);
    return found;
  });
}

/** How many fields the objects of a JSON text have, those of one name counted each. */
function fieldsIn(json: string): number {
  return json.match(/"(?:[^"\\]|\\.)*"\s*:?/g)?.filter((one) => one.endsWith(':')).length ?? 0;
}

/** The id of a public key: SHA-256 of its SubjectPublicKeyInfo in DER. */
export function keyIdOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** A public key as events keep it: SubjectPublicKeyInfo in DER, base64. */
export function publicKeyOf(base64: string): KeyObject {
  return createPublicKey({ key: Buffer.from(base64, 'base64'), type: 'spki', format: 'der' });
}
