import { Type } from '@sinclair/typebox';
import type { Evidence } from '../../../../events/patches/patch.ts';
import type { PatchDoc } from '../../../../projections/patches/patch-document.ts';
import { Row, Text } from '../../answers/tool-fields.ts';
import { inTools } from '../../answers/tool-words.ts';
import { cleaned, fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';
import { patchLine, patchRow } from './patch-row.ts';

export type ShownPatch = PatchDoc & { readonly diff?: string | null };

/** Characters of a diff; it stands in an answer once. */
const longestDiff = 12_000;

const PatchId = Type.String({ pattern: '^[0-9]{1,16}-[0-9]{1,6}$' });
export const noSuchPatch = 'There is no such attempt, or it is not yours: crafting_table_list_patches lists yours.';

export const getPatch = defineTool({
  name: 'crafting_table_get_patch',
  toolset: 'patches',
  title: 'Get a patch',
  description: 'An attempt with its diff, what was proven and by which jobs, and where it failed and why.',
  input: Type.Object({ patch_id: PatchId }, { additionalProperties: false }),
  output: Type.Object({ patch: Row, diff: Text }),
  annotations: looks,
  async run({ patch_id }, client) {
    const { attempt } = await client.get<{ attempt: ShownPatch }>(`/patches/${patch_id}`, noSuchPatch);
    return patchAnswer(attempt);
  },
});

/** An attempt as an agent can go on with it: the exact words of policy and proof, and the diff once, as data. */
export function patchAnswer(attempt: ShownPatch, note = '') {
  const whole = cleaned(attempt.diff ?? '');
  const diff = whole.length > longestDiff ? `${whole.slice(0, longestDiff)}\n… cut` : whole;
  const failure = attempt.failure && {
    step: attempt.failure.step,
    reason: attempt.failure.reason,
    detail: shown(attempt.failure.detail, 1_500),
    next: inTools(shown(attempt.failure.next, 300)),
  };
  const told = failure ? [`failed at ${failure.step}: ${failure.reason}`, ...failure.detail.split('\n')] : [];
  const proven = attempt.evidence ? proofLines(attempt.evidence) : [];
  const next = failure ? `\nNext: ${failure.next}` : '';
  return {
    prose: `${note}Attempt ${attempt.id} is ${attempt.status}.\n${fenced([patchLine(attempt), ...told, ...proven])}${next}`,
    data: {
      patch: {
        ...patchRow(attempt),
        verify_only: attempt.verify_only,
        base: attempt.base,
        explanation: attempt.explanation === null ? null : shown(attempt.explanation, 1_000),
        files: attempt.files.slice(0, 50),
        verify_jobs: attempt.verify_jobs.slice(-20),
        failure,
        evidence: attempt.evidence && evidenceRow(attempt.evidence),
      },
      diff,
    },
  };
}

function evidenceRow({ targets, appeared, exit_before, exit_after, tests_before, tests_after, proof }: Evidence) {
  return {
    targets: targets.slice(0, 20).map(({ code, file, line, gone }) => ({ code, file, line, gone })),
    appeared: appeared.slice(0, 20).map((one) => ({ ...one, message: shown(one.message, 200) })),
    ...{ exit_before, exit_after, tests_before, tests_after },
    runs: (proof?.runs ?? []).slice(0, 20),
    not_run: (proof?.not_run ?? []).slice(0, 8),
    notes: (proof?.notes ?? []).slice(0, 8).map((one) => shown(one, 300)),
  };
}

function proofLines({ targets, appeared, exit_before, exit_after, proof }: Evidence): string[] {
  const gone = targets.filter((one) => one.gone).length;
  return [
    `gone ${gone} of ${targets.length}; new ${appeared.length}; exit code ${exit_before ?? '-'} before, ${exit_after ?? '-'} after`,
    ...appeared.slice(0, 10).map((one) => `new: ${shown(`${one.file}:${one.line} ${one.code} ${one.message}`, 300)}`),
    ...(proof?.runs ?? [])
      .slice(0, 20)
      .map(
        (run) =>
          `run: ${run.stage} ${run.recipe} round ${run.round}, exit code ${run.exit_code ?? '-'}, job ${run.job_id}`,
      ),
    ...(proof?.not_run ?? []).slice(0, 8).map(({ recipe, why }) => `not run: ${recipe}: ${shown(why, 200)}`),
  ];
}
