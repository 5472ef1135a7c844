import { Type } from '@sinclair/typebox';
import { nullable } from '../../../../events/fields.ts';
import type { PatchDoc } from '../../../../projections/patches/patch-document.ts';
import { JobId } from '../../answers/tool-fields.ts';
import { inTools } from '../../answers/tool-words.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, type FarmClient, starts } from '../../define.ts';
import { type JobAnswer, noSuchJob } from '../jobs/job-words.ts';
import { type Proposals, waitingLine } from '../projects/look-around.ts';
import { patchLine, patchRow } from './patch-row.ts';

type Begun = { attempt: PatchDoc | null; reason?: string };

export const draftPatch = defineTool({
  name: 'crafting_table_draft_patch',
  toolset: 'patches',
  title: 'Draft a patch',
  description:
    'Tries to mend a finding of a job (without finding_id the best one): draft, proof, branch, pull request. Never merges. Then crafting_table_list_patches.',
  input: Type.Object(
    { job_id: JobId, finding_id: Type.Optional(Type.Integer({ minimum: 1 })) },
    { additionalProperties: false },
  ),
  output: Type.Object({
    attempt: nullable(Type.Object({})),
    reason: nullable(Type.String()),
  }),
  annotations: starts,
  async run({ job_id, finding_id }, client) {
    const { attempt, reason = null } = await client.post<Begun>(
      `/jobs/${job_id}/patches`,
      finding_id === undefined ? {} : { finding_id },
      finding_id === undefined
        ? noSuchJob
        : `There is no such job, no finding ${finding_id} in it, or it is not yours: crafting_table_get_findings lists the findings of a job.`,
    );
    if (attempt === null) {
      const why = inTools(shown(reason ?? 'nothing of this job can be mended', 500));
      const lines = await reasonsOf(job_id, client);
      const said = lines.length === 0 ? '' : `\n${fenced(lines)}`;
      return {
        prose: `No patch was begun: ${why} Your own diff can be proven: crafting_table_verify_patch.${said}`,
        data: { attempt: null, reason: [why, ...lines].join(' ') },
      };
    }
    return {
      prose: `Attempt ${attempt.id} is ${attempt.status}: crafting_table_list_patches tells how it goes on.\n${fenced([patchLine(attempt)])}`,
      data: { attempt: patchRow(attempt), reason: null },
    };
  },
});

const mostReasons = 10;

/** Why nothing is proposed for the findings of a job's project, the worst first. */
async function reasonsOf(jobId: string, client: FarmClient): Promise<string[]> {
  const { job } = await client.get<JobAnswer>(`/jobs/${jobId}`, noSuchJob);
  const found = await client.find<Proposals>(`/projects/${job.project}/proposals`);
  return (found?.waiting ?? []).slice(0, mostReasons).map(waitingLine);
}
