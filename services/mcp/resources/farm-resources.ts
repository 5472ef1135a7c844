import { createHash } from 'node:crypto';
import { JobId, Name } from '../../../events/fields.ts';
import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { cleaned } from '../answers/untrusted-text.ts';
import type { FarmClient } from '../define.ts';
import { type FindingDoc, findingRow } from '../tools/findings/get-findings.ts';
import { patchAnswer } from '../tools/patches/get-patch.ts';

/** A kind of thing that a client may read by its address. */
type FarmResource = {
  readonly template: string;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly mimeType: string;
  /** What its variables look like, by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly read: (of: Readonly<Record<string, string>>, client: FarmClient) => Promise<string>;
};

const project = bare(Name.pattern as string);
const job_id = bare(JobId.pattern as string);
const mostRows = 50;
const mostLines = 1_000;
const mostChars = 24_000;

type Found = { readonly findings: FindingDoc[]; readonly next_cursor: string | null };

export const farmResources: readonly FarmResource[] = [
  {
    template: 'farm://project/{project}/findings',
    name: 'project-findings',
    title: 'Open findings of a project',
    description: 'The worst 50 open findings, as JSON.',
    mimeType: 'application/json',
    variables: { project },
    read: ({ project: name = '' }, client) =>
      rows(client, `/findings?project=${name}&state=open&sort=severity&limit=${mostRows}`),
  },
  {
    template: 'farm://job/{job_id}/log',
    name: 'job-log',
    title: 'Log of a job',
    description: 'Its last 1,000 lines, as far as they have room.',
    mimeType: 'text/plain',
    variables: { job_id },
    read: async ({ job_id: id = '' }, client) =>
      cleaned(await client.text(`/jobs/${id}/log?tail=${mostLines}`)).slice(-mostChars),
  },
  {
    template: 'farm://job/{job_id}/findings',
    name: 'job-findings',
    title: 'Findings of a job',
    description: 'The first 50, as JSON.',
    mimeType: 'application/json',
    variables: { job_id },
    read: ({ job_id: id = '' }, client) => rows(client, `/jobs/${id}/findings?limit=${mostRows}`),
  },
  {
    template: 'farm://project/{project}/source/{sha}/{+path}',
    name: 'source',
    title: 'A file at a commit',
    description: 'Its first 1,000 lines, without the tokens and secrets that stand there.',
    mimeType: 'text/plain',
    variables: { project, sha: '[0-9a-f]{40,64}', path: '.{1,1024}' },
    read: async ({ project: name = '', sha = '', path = '' }, client) => {
      const query = new URLSearchParams({ sha, path });
      const { lines } = await client.get<{ lines: string[] }>(`/projects/${name}/source?${query}`);
      return cleaned(lines.join('\n')).slice(0, mostChars);
    },
  },
  {
    template: 'farm://patch/{patch_id}',
    name: 'patch',
    title: 'An attempt',
    description: 'Its diff, what was proven, and why it failed, as JSON.',
    mimeType: 'application/json',
    variables: { patch_id: '[0-9]{1,16}-[0-9]{1,6}' },
    read: async ({ patch_id = '' }, client) => {
      const { attempt } = await client.get<{ attempt: PatchDoc }>(`/patches/${patch_id}`);
      return JSON.stringify(patchAnswer(attempt).data);
    },
  },
];

/** The resource at an address, with the values of its variables; null where there is none. */
export function resourceAt(uri: string): { resource: FarmResource; of: Record<string, string> } | null {
  if (uri.length > 2_048) return null;
  for (const resource of farmResources) {
    const pattern = resource.template.replace(
      /\{\+?(\w+)\}/g,
      (_all, name) => `(?<${name}>${resource.variables[name]})`,
    );
    const found = new RegExp(`^${pattern}$`).exec(uri)?.groups;
    const of = found && decoded(found);
    if (of) return { resource, of };
  }
  return null;
}

/** Tells two states of a resource apart. */
export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function rows(client: FarmClient, path: string): Promise<string> {
  const { findings, next_cursor } = await client.get<Found>(path);
  return JSON.stringify({ findings: findings.map((one) => findingRow(one)), more: next_cursor !== null });
}

function decoded(values: Record<string, string>): Record<string, string> | null {
  try {
    return Object.fromEntries(Object.entries(values).map(([name, one]) => [name, decodeURIComponent(one)]));
  } catch {
    return null;
  }
}

/** A pattern without its anchors. */
function bare(pattern: string): string {
  return pattern.replace(/^\^|\$$/g, '');
}
