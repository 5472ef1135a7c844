import { Type } from '@sinclair/typebox';
import { nullable, oneOf } from '../../../events/fields.ts';
import type { Listed } from '../../dependencies/entry-store.ts';
import { ownStore } from '../../dependencies/own-store.ts';
import { callerOf, mustBeAdmin } from '../authenticate.ts';
import { type Routes, success } from '../define.ts';

const CacheEntry = Type.Object(
  {
    key: Type.String(),
    kind: oneOf(['install', 'compiled']),
    owner: Type.String(),
    project: Type.String(),
    subproject: Type.String(),
    command: Type.String(),
    bytes: Type.Integer(),
    files: Type.Integer(),
    hits: Type.Integer({ description: 'how often it was laid under a tree' }),
    made_at: Type.String(),
    used_at: Type.String(),
    until: nullable(Type.String({ description: 'after this it is made again; null where a lock file decides' })),
  },
  { title: 'CacheEntry' },
);

const Cache = Type.Object(
  {
    entries: Type.Integer(),
    bytes: Type.Integer(),
    most_bytes: Type.Integer({ description: 'CRAFTING_INSTALL_CACHE_MB' }),
    hits: Type.Integer(),
    misses: Type.Integer(),
    damaged: Type.Integer({ description: 'entries that were not what had been stored' }),
  },
  { title: 'Cache' },
);

const filters = {
  owner: Type.Optional(Type.String()),
  project: Type.Optional(Type.String()),
  key: Type.Optional(Type.String({ description: 'a key, or what it begins with' })),
};
type Filters = { owner?: string; project?: string; key?: string };

/** What this host keeps of installs, for operators. */
export const cacheRoutes: Routes = (app, deps) => {
  const store = () => ownStore(deps.config, () => deps.clock.now());
  app.get(
    '/admin/cache',
    {
      schema: {
        summary: 'What this host keeps of installs and compiled packages, the least used first (admin)',
        querystring: Type.Object(filters),
        response: { 200: success({ cache: Cache, entries: Type.Array(CacheEntry) }) },
      },
    },
    async (request) => {
      mustBeAdmin(callerOf(request));
      const all = await store().list();
      const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
      const counted = { entries: all.length, bytes, most_bytes: deps.config.installCacheBytes };
      const entries = all.filter(chosenBy(request.query)).map(shown);
      return { ok: true as const, cache: { ...counted, ...(await store().counts()) }, entries };
    },
  );
  app.delete(
    '/admin/cache',
    {
      schema: {
        summary: 'Remove what is kept; what a job reads at this moment stays (admin)',
        querystring: Type.Object(filters),
        response: { 200: success({ removed: Type.Integer(), bytes: Type.Integer() }) },
      },
    },
    async (request) => {
      mustBeAdmin(callerOf(request));
      const { entries, bytes } = await store().clear(chosenBy(request.query));
      return { ok: true as const, removed: entries, bytes };
    },
  );
};

function chosenBy({ owner, project, key }: Filters) {
  return (one: Listed) =>
    (owner === undefined || one.owner === owner) &&
    (project === undefined || one.project === project) &&
    (key === undefined || one.key.startsWith(key));
}

const timeOf = (ms: number) => new Date(ms).toISOString();

function shown({ parts: _parts, modes: _modes, sha: _sha, madeAt, usedAt, until, ...facts }: Listed) {
  return {
    ...facts,
    made_at: timeOf(madeAt),
    used_at: timeOf(usedAt),
    until: until === null ? null : timeOf(until),
  };
}
