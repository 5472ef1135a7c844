import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { TokenDoc } from '../../projections/tokens.ts';
import { AppError } from '../floor/app-error.ts';
import { hashBearer } from '../floor/bearer-hash.ts';
import { type CidrSet, parseCidrs } from '../floor/cidr.ts';
import type { ReadModels } from '../projector/read-models.ts';

/** Who asks. `owner` is what lists are narrowed to: null sees everything. */
export type Caller = {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly owner: string | null;
  readonly sha256: string;
};

export type Authenticator = {
  /** The caller of a request, or null without a known bearer from an allowed address. */
  readonly identify: (request: FastifyRequest) => Caller | null;
  readonly onLan: (request: FastifyRequest) => boolean;
};

/** Addresses and bearers remembered between requests. */
const keptAnswers = 1_000;

/** Recognises bearers by their SHA-256. */
export function authenticator({ models, lanCidrs }: { models: ReadModels; lanCidrs: CidrSet }): Authenticator {
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
  return {
    onLan: (request) => {
      const address = request.socket.remoteAddress ?? '';
      let inside = lan.get(address);
      if (inside === undefined) {
        inside = lanCidrs.has(address);
        if (lan.size >= keptAnswers) lan.clear();
        lan.set(address, inside);
      }
      return inside;
    },
    identify: (request) => {
      const header = request.headers.authorization;
      if (!header || header.length > 512 || !/^bearer /i.test(header)) return null;
      const sha256 = hashBearer(header.slice(7).trim());
      const found = lookUp(sha256);
      if (!found || !timingSafeEqual(Buffer.from(found.sha256, 'latin1'), Buffer.from(sha256, 'latin1'))) return null;
      if (!allowed(found, request.socket.remoteAddress ?? '')) return null;
      return { name: found.name, isAdmin: found.is_admin, owner: found.is_admin ? null : found.name, sha256 };
    },
  };
}

/** Whether a caller's bearer still holds: answers that grow for hours ask again. */
export function isStillKnown({ name, sha256 }: Caller, models: Pick<ReadModels, 'query'>): boolean {
  return models.query().tokens.find(name)?.sha256 === sha256;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

export function bearerNeeded(): AppError {
  return new AppError('unauthorized', 'Send a known bearer: Authorization: Bearer ct_…');
}

/** The caller, where a bearer is needed. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw bearerNeeded();
  return request.caller;
}
