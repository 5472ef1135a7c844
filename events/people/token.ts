import { type Static, Type } from '@sinclair/typebox';
import { defineEvent } from '../define.ts';
import { CidrList, closed, Name, nullable, oneOf, Sha256, Time } from '../fields.ts';

/** What a member of a team may do, each more than the one before. */
export const teamRoles = ['viewer', 'runner', 'maintainer', 'owner'] as const;
export type TeamRole = (typeof teamRoles)[number];

/** What a bearer may be used for, whatever its role allows: to look, to ask for runs, to change, to say who may what. */
export const tokenScopes = ['read', 'run', 'write', 'admin'] as const;
export type TokenScope = (typeof tokenScopes)[number];

/** Whose a bearer is, and what it is good for. */
export const TokenRights = closed({
  /** The team whose projects it sees; of its own name for a team of one. */
  team: Name,
  role: oneOf(teamRoles),
  scopes: Type.Array(oneOf(tokenScopes), { minItems: 1, maxItems: tokenScopes.length, uniqueItems: true }),
  /** The projects to which it is narrowed; null for all of the team. */
  projects: nullable(Type.Array(Name, { minItems: 1, maxItems: 64, uniqueItems: true })),
  expires_at: nullable(Time),
});
export type TokenRights = Static<typeof TokenRights>;

/** The rights of a bearer of before there were teams: everything, for what belongs to its name. */
export const teamOfOne = (name: string): TokenRights => ({
  team: name,
  role: 'owner',
  scopes: [...tokenScopes],
  projects: null,
  expires_at: null,
});

/** A bearer exists; only its SHA-256 is known. */
export const TokenMinted = defineEvent(
  'TokenMinted',
  'token',
  closed({
    name: Name,
    sha256: Sha256,
    is_admin: Type.Boolean(),
    ip_cidrs: CidrList,
    ...TokenRights.properties,
  }),
  [(data) => ({ ...data, ...teamOfOne(String(data.name)) })],
);

/** What the bearer was when it was decided: another one of that name is not meant. */
const Was = { was: Sha256 };

/** The same name has another secret; the earlier one is no longer accepted. */
export const TokenRotated = defineEvent(
  'TokenRotated',
  'token',
  closed({ name: Name, team: Name, sha256: Sha256, ...Was, expires_at: nullable(Time), by: Name }),
);

/** What a bearer may do is another thing from now on. */
export const TokenChanged = defineEvent(
  'TokenChanged',
  'token',
  closed({ name: Name, ...TokenRights.properties, ...Was, by: Name }),
);

/** The bearer is no longer accepted. */
export const TokenRevoked = defineEvent('TokenRevoked', 'token', closed({ name: Name }));
