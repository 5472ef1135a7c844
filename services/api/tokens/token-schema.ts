import { type Static, Type } from '@sinclair/typebox';
import { CidrList, Name, nullable, oneOf, type Time } from '../../../events/fields.ts';
import { type TokenRights, teamRoles, tokenScopes } from '../../../events/people/token.ts';
import type { TokenDoc } from '../../../projections/people/tokens.ts';
import { AppError, bodyFault } from '../../floor/app-error.ts';
import { instantOf } from '../../floor/instant.ts';
import { rightsOf } from '../authenticate.ts';
import type { TokenUses } from '../token-uses.ts';

/** A bearer as it is listed. */
export const Token = Type.Object(
  {
    name: Name,
    is_admin: Type.Boolean(),
    ip_cidrs: CidrList,
    team: Type.String(),
    role: Type.String({ description: teamRoles.join(', ') }),
    scopes: Type.Array(Type.String(), { description: tokenScopes.join(', ') }),
    can: Type.Array(Type.String(), { description: 'what its role and its scopes allow together' }),
    projects: nullable(Type.Array(Type.String(), { description: 'narrowed to these; null for all of the team' })),
    created_at: Type.String(),
    rotated_at: nullable(Type.String()),
    expires_at: nullable(Type.String()),
    revoked_at: nullable(Type.String()),
    last_used_at: nullable(Type.String({ description: 'within five minutes' })),
  },
  { title: 'Token' },
);

/** What may be said of a new bearer's rights; all is optional. */
export const RightsInput = {
  role: Type.Optional(oneOf(teamRoles)),
  scopes: Type.Optional(
    Type.Array(oneOf(tokenScopes), { minItems: 1, maxItems: tokenScopes.length, uniqueItems: true }),
  ),
  projects: Type.Optional(nullable(Type.Array(Name, { minItems: 1, maxItems: 64, uniqueItems: true }))),
  expires_at: Type.Optional(nullable(Type.String({ maxLength: 64, description: 'an ISO 8601 time to come' }))),
};
type Asked = Partial<Omit<TokenRights, 'team'>>;

/** The rights that were asked for, with what they are unless told. Throws AppError('invalid'). */
export function rightsIn(
  asked: Asked,
  team: string,
  { nowMs, usual }: { nowMs: number; usual: TokenRights },
): TokenRights {
  const { role = usual.role, scopes = usual.scopes, projects = usual.projects } = asked;
  const expires_at = asked.expires_at === undefined ? usual.expires_at : timeToCome(asked.expires_at, nowMs);
  return { team, role, scopes, projects, expires_at };
}

/** A time in our form, or null. Throws AppError('invalid') for one that has passed. */
export function timeToCome(text: string | null, nowMs: number): Static<typeof Time> | null {
  if (text === null) return null;
  const time = instantOf(text);
  if (time && time.getTime() > nowMs) return time.toISOString();
  throw bodyFault('expires_at', `expected an ISO 8601 time to come; found ${JSON.stringify(text)}`);
}

/** A bearer without what nobody may see, and when it was used last. */
export async function shownToken(
  { name, is_admin, ip_cidrs, team, role, scopes, projects, created_at, rotated_at, expires_at, revoked_at }: TokenDoc,
  uses: TokenUses,
) {
  const rights = { team, role, scopes, can: rightsOf({ role, scopes, is_admin }), projects };
  const times = { created_at, rotated_at, expires_at, revoked_at, last_used_at: await uses.last(name) };
  return { name, is_admin, ip_cidrs, ...rights, ...times };
}

/**
 * Nobody makes a bearer that outlives his own: an end would be no end. Throws AppError('forbidden') `end_too_late`.
 * `own` and `end` are ISO 8601 times in our form, null for none.
 */
export function noLaterThan(own: string | null, end: string | null): void {
  if (own !== null && (end === null || end > own))
    throw new AppError('forbidden', `This bearer ends at ${own}, and can make none that ends later.`, {
      name: 'end_too_late',
    });
}
