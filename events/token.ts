import { Type } from '@sinclair/typebox';
import { defineEvent } from './define.ts';
import { CidrList, closed, Name, Sha256 } from './fields.ts';

/** A bearer exists; only its SHA-256 is known. */
export const TokenMinted = defineEvent(
  'TokenMinted',
  'token',
  closed({ name: Name, sha256: Sha256, is_admin: Type.Boolean(), ip_cidrs: CidrList }),
);

/** The bearer is no longer accepted. */
export const TokenRevoked = defineEvent('TokenRevoked', 'token', closed({ name: Name }));
