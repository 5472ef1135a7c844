import { setTimeout as pause } from 'node:timers/promises';
import { Type } from '@sinclair/typebox';
import { ProjectName, Row, Text } from '../../answers/tool-fields.ts';
import { defineTool, starts } from '../../define.ts';
import { FindingId, noSuchProject } from '../findings/finding-fields.ts';
import { noSuchPatch, patchAnswer, type ShownPatch } from './get-patch.ts';

const pauseMs = 500;
/** Somebody or something else goes on from here. */
const settled: ReadonlySet<string> = new Set(['awaiting_approval', 'pr_opened', 'proven']);

const words: Readonly<Record<string, string>> = {
  requested: 'the policy is about to judge it',
  drafted: 'it applies, and the policy allows it',
  verifying: 'the recipes run on the patched tree',
  pushed: 'it is proven and pushed; the pull request is being opened',
};

export const verifyPatch = defineTool({
  name: 'crafting_table_verify_patch',
  toolset: 'patches',
  title: 'Verify a patch',
  description:
    'Judges your own diff by the policy and proves it by the recipes: the findings are gone, nothing new is there. With open_pull_request a proven one is pushed and proposed. diff: as git diff prints it, against the commit of the job that saw the findings.',
  input: Type.Object(
    {
      project: ProjectName,
      diff: Type.String({ minLength: 1, maxLength: 200_000 }),
      finding_ids: Type.Array(FindingId, { minItems: 1, maxItems: 200 }),
      explanation: Type.Optional(Type.String({ maxLength: 4_000 })),
      open_pull_request: Type.Optional(Type.Boolean({ default: false })),
      timeout_secs: Type.Optional(Type.Integer({ minimum: 1, maximum: 900, default: 50 })),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({ patch: Row, diff: Text }),
  annotations: starts,
  async run({ project, timeout_secs = 50, ...brought }, client, { signal, progress }) {
    const begun = performance.now();
    const missing = `${noSuchProject(project)} Or a finding is none of its own: crafting_table_list_findings.`;
    let { attempt } = await client.post<{ attempt: ShownPatch }>(`/projects/${project}/verify-patch`, brought, missing);
    for (;;) {
      const { id, status, open, forge } = attempt;
      if (!open || settled.has(status) || (status === 'pushed' && forge === 'none')) return patchAnswer(attempt);
      const secs = (performance.now() - begun) / 1000;
      if (secs >= timeout_secs)
        return patchAnswer(
          attempt,
          `Not over after ${timeout_secs} s: crafting_table_get_patch tells how it goes on.\n`,
        );
      await progress(Math.round(secs * 10) / 10, timeout_secs, `${status}: ${words[status] ?? 'it goes on'}`);
      await pause(pauseMs, undefined, { signal });
      ({ attempt } = await client.get<{ attempt: ShownPatch }>(`/patches/${id}`, noSuchPatch));
    }
  },
});
