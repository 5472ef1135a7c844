import type { FastifyRequest } from 'fastify';
import { AppError } from '../../floor/app-error.ts';
import { nearest } from '../../floor/text/schema-words.ts';

const mostShown = 40;

/** A parameter of a query that the route does not know would change nothing, and its sender would not learn of it. */
export function strangeQuery({ query, routeOptions: { url, schema } }: FastifyRequest): AppError | null {
  if (url === undefined || schema === undefined || schema.hide === true) return null;
  const asked = Object.keys((query ?? {}) as object);
  if (asked.length === 0) return null;
  const known = Object.keys((schema.querystring as { properties?: object } | undefined)?.properties ?? {});
  const faults = asked
    .filter((name) => !known.includes(name))
    .map((name) => ({ path: pathOf(name), message: wordsFor(name, known) }));
  const [first] = faults;
  return first ? new AppError('invalid', `${first.path}: ${first.message}`, { faults: faults.slice(0, 20) }) : null;
}

const pathOf = (name: string) => `/querystring/${/^[\w.-]{1,40}$/.test(name) ? name : '?'}`;

function wordsFor(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'Unexpected parameter: there are none here';
  const meant = nearest(name, known);
  return `Unexpected parameter; known: ${known.slice(0, mostShown).join(', ')}${meant ? ` (did you mean ${meant}?)` : ''}`;
}
