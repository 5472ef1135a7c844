import { href } from '../state/place.ts';

const paths: Readonly<Record<string, string>> = {
  job: '/jobs/',
  finding: '/findings/',
  patch: '/patches/',
  project: '/projects/',
  digest: '/digests/',
  bottle: '/bottles/',
  work: '/work/',
};

/** Where an entity has its page; null for what has none. */
export function entityHref(entity: string, id: string): string | null {
  const path = paths[entity];
  return path === undefined ? null : href(path + encodeURIComponent(id));
}
