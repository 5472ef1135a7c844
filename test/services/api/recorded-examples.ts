import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../support/http.ts';

const file = join(import.meta.dirname, '../../../services/api/open-api/open-api-examples.json');
const mostItems = 1;
const longestText = 240;
const longestExample = 6_000;

/** Lists by their first element, without keys, bearers and folders of the machine. */
export function asExample(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, mostItems).map(asExample);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asExample(one)]));
  if (typeof value !== 'string') return value;
  const plain = value
    .replace(/ct_[A-Za-z0-9_-]{20,}/g, 'ct_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG')
    .replace(/\bSU[A-Z2-7]{40,}/g, (seed) => `SU${'A'.repeat(seed.length - 2)}`)
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, 'http://127.0.0.1:8810')
    .replace(/\/tmp\/[\w./-]+/g, '/srv/git/web');
  return plain.length > longestText ? `${plain.slice(0, longestText)}…` : plain;
}

/** Keeps what was answered for the documentation; one that is too long to be read shows nothing. */
export function writeExamples(answers: Readonly<Record<string, Json>>): void {
  const kept = Object.entries(answers)
    .map(([route, answer]) => [route, asExample(answer)] as const)
    .filter(([, example]) => JSON.stringify(example).length <= longestExample)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(file, `${JSON.stringify(Object.fromEntries(kept), null, 1)}\n`);
}
