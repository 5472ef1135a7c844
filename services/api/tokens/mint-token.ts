import { randomBytes } from 'node:crypto';
import type { TokenRights } from '../../../events/people/token.ts';
import { AppError } from '../../floor/app-error.ts';
import { hashBearer } from '../../floor/bearer-hash.ts';
import { decisionOn } from '../../projector/decision.ts';
import type { ApiDeps } from '../define.ts';

type NewToken = TokenRights & { name: string; is_admin: boolean; ip_cidrs: string[] };

const newBearer = () => `ct_${randomBytes(32).toString('base64url')}`;

/** Makes a bearer for a name that has none. Throws AppError('conflict') `name_taken`. */
export async function mintToken(token: NewToken, deps: ApiDeps): Promise<{ bearer: string; seq: number }> {
  const taken = () =>
    new AppError('conflict', `There is a token named ${token.name} already; revoke it first.`, { name: 'name_taken' });
  const decision = await decisionOn('TokenMinted', token.name, deps);
  if (decision.query().tokens.find(token.name)?.sha256) throw taken();
  const bearer = newBearer();
  const { seq } = await decision.append({ ...token, sha256: hashBearer(bearer) }, { refusal: taken });
  return { bearer, seq };
}

export function noSuchToken(): AppError {
  return new AppError('not_found', 'There is no such token.');
}

type Rotating = {
  readonly by: string;
  readonly mayRotate: (team: string) => boolean;
  readonly expires_at?: string | null;
};

/** Gives a name another secret; the earlier one is good for nothing from that moment on. Throws AppError('not_found'). */
export async function rotateToken(name: string, { by, mayRotate, expires_at }: Rotating, deps: ApiDeps) {
  const decision = await decisionOn('TokenRotated', name, deps);
  const known = decision.query().tokens.find(name);
  if (!known?.sha256 || !mayRotate(known.team)) throw noSuchToken();
  if (name === 'admin')
    throw new AppError(
      'conflict',
      'The bearer of the data folder is renewed there: remove admin-bearer.txt and start the service again.',
      { name: 'kept_in_file' },
    );
  const bearer = newBearer();
  const { seq } = await decision.append({
    name,
    team: known.team,
    sha256: hashBearer(bearer),
    was: known.sha256,
    expires_at: expires_at === undefined ? known.expires_at : expires_at,
    by,
  });
  return { bearer, seq };
}

/** Takes a bearer away. Throws AppError('not_found'). */
export async function revokeToken(name: string, mayRevoke: (team: string) => boolean, deps: ApiDeps): Promise<number> {
  const decision = await decisionOn('TokenRevoked', name, deps);
  const known = decision.query().tokens.find(name);
  if (!known?.sha256 || !mayRevoke(known.team)) throw noSuchToken();
  return (await decision.append({ name })).seq;
}

/** When the bearer of a caller ends, as an ISO 8601 time; null for never. */
export function endOf({ name }: { readonly name: string }, { models }: Pick<ApiDeps, 'models'>): string | null {
  return models.query().tokens.find(name)?.expires_at ?? null;
}
