import { Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { Count, closed, Name, oneOf, Sha256, text } from '../fields.ts';

/** The id of the farm's own signatures in the log. */
export const farmSignature = 'farm';

/** An ed25519 signature, in base64. */
const Signature = Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' });

/** The farm signs with this key until the next one is added. Earlier ones go on to verify what they signed. */
export const SigningKeyAdded = defineEvent(
  'SigningKeyAdded',
  'signing',
  closed({
    /** SHA-256 of the public key. */
    key_id: Sha256,
    /** SubjectPublicKeyInfo in DER, as base64. */
    public_key: text(256, 1),
    /** Where the private key lies sealed. */
    private_ref: text(64, 1),
    by: Name,
  }),
);

const checkpointOccasions = ['hourly', 'backup', 'restored'] as const;
export type CheckpointOccasion = (typeof checkpointOccasions)[number];

/** The most events between two checkpoints. */
export const mostInCheckpoint = 40_000;

/**
 * What the log was up to `last`, signed. Each event is hashed with the head before it: whoever changes, takes away or adds one
 * comes to another head. `leaves` says which one it was.
 */
export const LogCheckpointed = defineEvent(
  'LogCheckpointed',
  'log',
  closed({
    occasion: oneOf(checkpointOccasions),
    first: Type.Integer({ minimum: 1 }),
    last: Count,
    /** The head before `first`: that of the checkpoint before. */
    previous: Sha256,
    head: Sha256,
    /** The first eight bytes of the digest of each event, one after the other, in base64. */
    leaves: text(480_000),
    key_id: Sha256,
    signature: Signature,
  }),
);
