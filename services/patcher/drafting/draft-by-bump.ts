import { posix } from 'node:path';
import type { FindingDoc } from '../../../projections/findings/findings.ts';
import type { Step } from '../attempt-steps.ts';
import { askForDraft } from '../proving/verify-patch.ts';
import { readTexts } from '../read-texts.ts';
import type { BumpPlan } from '../rules/bump/define.ts';
import { manifestNames } from '../rules/bump/manifest-names.ts';
import { noCost } from '../rules/drafting/turn-cost.ts';
import type { Drafted, Drafting } from './drafting.ts';

/** The longest command that a job takes. */
const longestCommand = 8192;

/** Raises the package to the smallest version that is fixed: by an edit of its pin, or by its own package manager in a job. */
export async function draftByBump(drafting: Drafting): Promise<Drafted> {
  const { findings } = drafting;
  const plan = await planOfBump(findings, drafting);
  if (plan.kind === 'none') return { kind: 'failed', step: 'draft', reason: 'no_bump', detail: plan.reason };
  if (plan.kind === 'edit')
    return {
      kind: 'change',
      change: { form: 'files', files: plan.files },
      targets: findings.map(({ identity }) => identity),
      explanation: plan.explanation,
      confidence: null,
      cost: noCost,
      owned: plan.owned,
    };
  const command = commandOf(plan, drafting.patch.subproject);
  if (command.length > longestCommand)
    return {
      kind: 'failed',
      step: 'draft',
      reason: 'no_bump',
      detail: 'The manifest is too large to be changed in a job.',
    };
  // It installs by itself what it brings, and could not where other dependencies lie already.
  await askForDraft(command, drafting, { installs: false });
  return { kind: 'later' };
}

/** How the package of these findings is raised, as the files at the base commit stand. */
export async function planOfBump(findings: readonly FindingDoc[], step: Step): Promise<BumpPlan> {
  const [first, ...siblings] = findings;
  if (!first) return { kind: 'none', reason: 'There is nothing to mend.' };
  const { subproject } = step.patch;
  const named = findings.flatMap(({ file }) => file ?? []);
  const files = await readTexts([...manifestNames([subproject, ...named]), ...named], step);
  const found = step.deps.models.query().projects.find(step.patch.project);
  const language = found?.subprojects.find(({ path }) => path === subproject)?.language ?? 'generic';
  // What orders versions is sixty files: for those alone who have one to raise.
  const { planBump } = await import('../rules/bump/plan-bump.ts');
  return planBump(first, siblings, { language, files });
}

/** What must be there first is written by the job itself. Says plainly when the package manager is not there. */
function commandOf(plan: Extract<BumpPlan, { kind: 'command' }>, subproject: string): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const writes = [...plan.files].map(([path, text]) => {
    const inside = posix.relative(subproject, path);
    return `printf %s ${quoted(Buffer.from(text).toString('base64'))} | base64 -d > ${quoted(inside)} &&`;
  });
  const there = `command -v ${plan.toolNeeded} >/dev/null || { echo ${quoted(`${plan.toolNeeded} is not installed on this runner`)} >&2; exit 127; };`;
  return [there, ...writes, plan.command].join(' ');
}
