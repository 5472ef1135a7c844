import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { TokenDoc } from '../../projections/tokens.ts';
import { AppError } from '../app-error.ts';
import { type CidrSet, parseCidrs } from '../cidr.ts';
import type { ReadModels } from '../projector/read-models.ts';

/** Who asks. `owner` is what lists are narrowed to: null sees everything. */
export type Caller = { readonly name: string; readonly isAdmin: boolean; readonly owner: string | null };

export type Authenticator = {
  /** The caller of a request, or null without a known bearer from an allowed address. */
  readonly identify: (request: FastifyRequest) => Caller | null;
  readonly onLan: (request: FastifyRequest) => boolean;
};

export function hashBearer(bearer: string): string {
  return createHash('sha256').update(bearer).digest('hex');
}

/** Recognises bearers by their SHA-256. */
export function authenticator({ models, lanCidrs }: { models: ReadModels; lanCidrs: CidrSet }): Authenticator {
  const networks = new Map<string, CidrSet>();
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
    onLan: (request) => lanCidrs.has(request.socket.remoteAddress ?? ''),
    identify: (request) => {
      const header = request.headers.authorization;
      if (!header || header.length > 512 || !/^bearer /i.test(header)) return null;
      const hash = hashBearer(header.slice(7).trim());
      const found = models.query().tokens.byHash(hash);
      if (!found || !timingSafeEqual(Buffer.from(found.sha256, 'hex'), Buffer.from(hash, 'hex'))) return null;
      if (!allowed(found, request.socket.remoteAddress ?? '')) return null;
      return { name: found.name, isAdmin: found.is_admin, owner: found.is_admin ? null : found.name };
    },
  };
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/** The caller, where a bearer is needed. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new AppError('unauthorized', 'Send a known bearer: Authorization: Bearer ct_…');
  return request.caller;
}
