import type { Server, ServerContext } from '@modelcontextprotocol/server';
import type { JobDoc } from '../../projections/jobs/jobs.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { FarmClient } from './define.ts';

const mostValues = 100;

type Asking = { readonly client: FarmClient; readonly project: string | undefined };

const within = (project: string | undefined) =>
  project === undefined ? '' : `&project=${encodeURIComponent(project.toWellFormed())}`;

/** Where the values of an argument or variable come from, the newest first. */
const sources: Readonly<Record<string, (asking: Asking) => Promise<readonly (string | null)[]>>> = {
  project: async ({ client }) => {
    const { projects } = await client.get<{ projects: { name: string }[] }>('/projects?limit=500');
    return projects.map(({ name }) => name);
  },
  job_id: async (asking) => (await jobsOf(asking)).map(({ job_id }) => job_id),
  sha: async (asking) => (await jobsOf(asking)).map(({ sha }) => sha),
  patch_id: async ({ client, project }) => {
    const { patches } = await client.get<{ patches: PatchDoc[] }>(`/patches?limit=200${within(project)}`);
    return patches.map(({ id }) => id);
  },
};

async function jobsOf({ client, project }: Asking): Promise<JobDoc[]> {
  return (await client.get<{ jobs: JobDoc[] }>(`/jobs?limit=200${within(project)}`)).jobs;
}

/** Completes names of projects and ids of jobs, commits and attempts, as far as the caller sees them. */
export function answerCompletions(server: Server, clientOf: (context: ServerContext) => FarmClient): void {
  server.setRequestHandler('completion/complete', async ({ params: { argument, context: known } }, context) => {
    const source = Object.hasOwn(sources, argument.name) ? sources[argument.name] : undefined;
    const project = known?.arguments?.['project'];
    const found = source ? await source({ client: clientOf(context), project }) : [];
    const values = [...new Set(found)].filter((one) => one?.startsWith(argument.value)) as string[];
    return {
      completion: { values: values.slice(0, mostValues), total: values.length, hasMore: values.length > mostValues },
    };
  });
}
