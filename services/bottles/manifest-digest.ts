import { createHash } from 'node:crypto';
import type { ResolvedManifest } from '../../events/jobs/agent-manifest.ts';

/** SHA-256 of a manifest as JSON with its keys in order: equal manifests have equal digests. */
export function manifestDigest(manifest: ResolvedManifest): string {
  return createHash('sha256').update(canonical(manifest)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(',')}}`;
}
