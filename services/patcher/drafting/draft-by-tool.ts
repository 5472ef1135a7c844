import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { Step } from '../attempt-steps.ts';
import { remoteOf } from '../attempt-steps.ts';
import { jobOf, runOfJob } from '../proving/proof-runs.ts';
import { askForDraft } from '../proving/verify-patch.ts';
import { readTexts } from '../read-texts.ts';
import { broughtAlong } from '../rules/drafting/brought-along.ts';
import { fixCommand } from '../rules/drafting/rerun-command.ts';
import { toolEdit } from '../rules/drafting/tool-edit.ts';
import { noCost } from '../rules/drafting/turn-cost.ts';
import type { Drafted, Drafting } from './drafting.ts';

/** Takes the edits that the tools themselves offer. */
export async function draftByTool(drafting: Drafting): Promise<Drafted> {
  const { findings } = drafting;
  if (drafting.patch.sent_back.at(-1)?.reason === 'more_to_mend') return draftNextPass(drafting);
  if (findings.every(({ edits }) => !edits.some(({ safe }) => safe))) return draftByRerun(drafting);
  const paths = [
    ...new Set(findings.flatMap(({ file, edits }) => [file ?? [], edits.map((edit) => edit.file)].flat())),
  ];
  const edited = toolEdit(findings, await readTexts(paths, drafting));
  if (!edited.ok) return { kind: 'failed', step: 'draft', reason: 'edit_unusable', detail: edited.reason };
  const left = new Set(edited.left.map(({ index }) => index));
  const mended = findings.filter((_, index) => !left.has(index));
  const [first] = mended;
  const tools = [...new Set(mended.map(({ tool }) => tool))].join(', ');
  const rest = edited.left.length === 0 ? '' : ` ${edited.left.length} more could not be mended together with them.`;
  return {
    kind: 'change',
    change: { form: 'files', files: edited.files },
    targets: mended.map(({ identity }) => identity),
    explanation:
      `${tools} offers ${mended.length === 1 ? 'this edit' : `these ${mended.length} edits`} itself and calls ${mended.length === 1 ? 'it' : 'them'} safe.${rest} ${first?.suggested_fix ?? ''}`.trim(),
    confidence: null,
    cost: noCost,
  };
}

/** The edits of the pass before brought new findings along, which the same tools mend themselves: `no-var` brings `prefer-const`. */
async function draftNextPass(drafting: Drafting): Promise<Drafted> {
  const { patch, deps } = drafting;
  const no = (detail: string): Drafted => ({ kind: 'failed', step: 'draft', reason: 'no_edit', detail });
  const diff = deps.models.query().patches.diff(patch.id);
  const [before, after] = [jobOf(patch.job_id, deps), jobOf(patch.verify_jobs.at(-1) ?? '', deps)];
  if (diff === null || before === null || after === null) return no('The pass before is not known any more.');
  const made = await deps.workspaces.changeTree(await remoteOf(patch, deps), patch.base.sha, { form: 'diff', diff });
  if (!made.ok) return no(made.reason);
  const texts = new Map(
    made.patch.files.flatMap(({ path, after }) => (after === null ? [] : [[path, after] as const])),
  );
  const more = broughtAlong(runOfJob(before, deps), runOfJob(after, deps), [...texts.keys()]);
  const edited = toolEdit(more, texts);
  if (!edited.ok) return no(edited.reason);
  const tools = [...new Set(more.map(({ tool }) => tool))].join(', ');
  return {
    kind: 'change',
    change: { form: 'files', files: new Map([...texts, ...edited.files]) },
    targets: patch.targets,
    explanation: `${patch.explanation ?? ''} What that brought along is mended in the same way: ${more.map(({ code }) => code).join(', ')} of ${tools}.`,
    confidence: null,
    cost: noCost,
  };
}

/** Some tools say only that they could mend it; they make the change when they are run again, in a job. */
async function draftByRerun(drafting: Drafting): Promise<Drafted> {
  const command = rerunOf(drafting.findings, drafting);
  if (command === null)
    return { kind: 'failed', step: 'draft', reason: 'no_edit', detail: 'The tool offers no edit that it calls safe.' };
  await askForDraft(command, drafting);
  return { kind: 'later' };
}

/** The command by which the tool mends these findings, or null. */
export function rerunOf(findings: readonly FindingDoc[], { patch, deps }: Step): string | null {
  const recipe = jobOf(patch.job_id, deps)?.command ?? '';
  const commands = findings.map((finding) => fixCommand(finding, patch.subproject, recipe)?.command);
  if (commands.some((command) => command === undefined)) return null;
  const all = [...new Set(commands)].map((command) => `{ ${command}; }`).join(' && ');
  return all.length <= 8192 ? all : null;
}
