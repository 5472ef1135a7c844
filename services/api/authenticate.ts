import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { TeamRole, TokenScope } from '../../events/people/token.ts';
import type { TokenDoc } from '../../projections/people/tokens.ts';
import { AppError } from '../floor/app-error.ts';
import { hashBearer } from '../floor/bearer-hash.ts';
import { type CidrSet, parseCidrs } from '../floor/cidr.ts';
import type { Clock } from '../floor/clock.ts';
import type { ReadModels } from '../projector/read-models.ts';
import type { Session } from './sessions/session-store.ts';

/** Who asks. `owner` is what lists are narrowed to, a team: null sees everything. */
export type Caller = {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly owner: string | null;
  /** The team whose new projects are; an admin's own as well. */
  readonly team: string;
  readonly role: TeamRole;
  /** What the role and the scopes of the bearer allow together. */
  readonly can: ReadonlySet<TokenScope>;
  /** The projects to which the bearer is narrowed; null for all of them. */
  readonly projects: readonly string[] | null;
  readonly sha256: string;
};

/** What the roles of a team may do. */
export const allowedTo: Readonly<Record<TeamRole, readonly TokenScope[]>> = {
  viewer: ['read'],
  runner: ['read', 'run'],
  maintainer: ['read', 'run', 'write'],
  owner: ['read', 'run', 'write', 'admin'],
};

/** What a bearer may do: its role's, as far as its scopes reach. */
export function rightsOf({ role, scopes, is_admin }: Pick<TokenDoc, 'role' | 'scopes' | 'is_admin'>): TokenScope[] {
  return allowedTo[is_admin ? 'owner' : role].filter((scope) => scopes.includes(scope));
}

/** Whether something of a project of a team is the caller's to see. */
export function sees(caller: Pick<Caller, 'owner' | 'projects'>, project: string, owner: string | undefined): boolean {
  return (
    (caller.owner === null || owner === caller.owner) && (caller.projects === null || caller.projects.includes(project))
  );
}

export type Authenticator = {
  /** The caller of a request, or null without a known bearer from an allowed address. */
  readonly identify: (request: FastifyRequest) => Caller | null;
  /** The same of a bearer's SHA-256, for who has shown it before. */
  readonly identifyHash: (sha256: string, request: Pick<FastifyRequest, 'ip'>) => Caller | null;
  /** Why a request is nobody's, as a sentence with what to do: told only to who shows a bearer that was given out. */
  readonly whyNobody: (request: FastifyRequest) => string;
  readonly onLan: (request: FastifyRequest) => boolean;
};

/** Addresses and bearers remembered between requests. */
const keptAnswers = 1_000;

/** Recognises bearers by their SHA-256. */
export function authenticator({
  models,
  lanCidrs,
  clock,
}: {
  models: ReadModels;
  lanCidrs: CidrSet;
  clock: Pick<Clock, 'now'>;
}): Authenticator {
  const networks = new Map<string, CidrSet>();
  const lan = new Map<string, boolean>();
  // What the bearers were at one sequence of the read model; whatever changes one moves the sequence.
  const known = { seq: -1, byHash: new Map<string, ReturnType<typeof find>>() };
  const find = (sha256: string) => models.query().tokens.byHash(sha256);
  const lookUp = (sha256: string) => {
    const { byHash } = known;
    if (known.seq !== models.seq() || byHash.size >= keptAnswers) {
      byHash.clear();
      known.seq = models.seq();
    }
    let found = byHash.get(sha256);
    if (found) return found;
    found = find(sha256);
    if (found) byHash.set(sha256, found);
    return found;
  };
  const allowed = ({ ip_cidrs }: TokenDoc, address: string) => {
    if (ip_cidrs.length === 0) return true;
    const key = ip_cidrs.join();
    let set = networks.get(key);
    if (!set) {
      set = parseCidrs(ip_cidrs);
      if (!set) return false;
      if (networks.size > 1000) networks.clear();
      networks.set(key, set);
    }
    return set.has(address);
  };
  const identifyHash: Authenticator['identifyHash'] = (sha256, { ip }) => {
    const found = lookUp(sha256);
    if (!found || !timingSafeEqual(Buffer.from(found.sha256, 'latin1'), Buffer.from(sha256, 'latin1'))) return null;
    if (!allowed(found, ip)) return null;
    if (isOver(found, clock)) return null;
    const { name, is_admin: isAdmin, team, role, projects } = found;
    return {
      ...{ name, isAdmin, team, role, projects, sha256 },
      owner: isAdmin ? null : team,
      can: new Set(rightsOf(found)),
    };
  };
  const whyNobody: Authenticator['whyNobody'] = (request) => {
    const sha256 = shownHash(request) ?? request.session?.sha256;
    const found = sha256 === undefined ? null : lookUp(sha256);
    if (!found) return sendKnown;
    if (isOver(found, clock)) return `The bearer ${found.name} ended at ${found.expires_at}: ask for another one.`;
    return `The bearer ${found.name} is not for the address ${request.ip}: it may be shown from ${found.ip_cidrs.join(', ')}.`;
  };
  return {
    identifyHash,
    whyNobody,
    onLan: (request) => {
      const address = request.ip;
      let inside = lan.get(address);
      if (inside === undefined) {
        inside = lanCidrs.has(address);
        if (lan.size >= keptAnswers) lan.clear();
        lan.set(address, inside);
      }
      return inside;
    },
    identify: (request) => {
      // A bearer that is shown is meant: a session beside it says nothing.
      if (request.headers.authorization === undefined)
        return request.session && identifyHash(request.session.sha256, request);
      const sha256 = shownHash(request);
      return sha256 === undefined ? null : identifyHash(sha256, request);
    },
  };
}

/** Whether a caller's bearer still holds: answers that grow for hours ask again. */
export function isStillKnown(
  { name, sha256, owner, projects }: Caller,
  models: Pick<ReadModels, 'query'>,
  clock: Pick<Clock, 'now'>,
): boolean {
  const found = models.query().tokens.find(name);
  if (found?.sha256 !== sha256 || isOver(found, clock)) return false;
  // Moved to another team, or narrowed: what was asked for in the old name goes on for nobody.
  const same = JSON.stringify([found.is_admin ? null : found.team, found.projects]);
  return same === JSON.stringify([owner, projects]) && rightsOf(found).includes('read');
}

function isOver({ expires_at }: TokenDoc, clock: Pick<Clock, 'now'>): boolean {
  return expires_at !== null && Date.parse(expires_at) <= clock.now();
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
    /** Of the browser that asks, where it shows one and no bearer. */
    session: Session | null;
  }
}

const sendKnown = 'Send a known bearer: Authorization: Bearer ct_…';

/** The SHA-256 of the bearer that a request shows, where it shows one. */
function shownHash({ headers: { authorization = '' } }: FastifyRequest): string | undefined {
  const isBearer = authorization.length <= 512 && /^bearer /i.test(authorization);
  return isBearer ? hashBearer(authorization.slice(7).trim()) : undefined;
}

export function bearerNeeded(why = sendKnown): AppError {
  return new AppError('unauthorized', why);
}

/** Throws AppError('forbidden') for everybody but admins. */
export function mustBeAdmin({ isAdmin }: Pick<Caller, 'isAdmin'>): void {
  if (!isAdmin) throw new AppError('forbidden', 'Only an admin bearer may do this.', { name: 'admin_only' });
}

/** The caller, where a bearer is needed. */
export function callerOf(request: Pick<FastifyRequest, 'caller'>): Caller {
  if (!request.caller) throw bearerNeeded();
  return request.caller;
}
