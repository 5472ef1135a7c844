import type { FindingDoc } from '../../projections/findings/findings.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { AppError } from '../floor/app-error.ts';
import { type Choice, whyUnfit } from '../patcher/rules/drafting/choose-patches.ts';
import { type AttemptChoiceDeps, planOf, standingOf } from './request-attempts.ts';

/** Attempts at one finding, of anybody; each that was brought may hold a diff of this length in the log for ever. */
const mostOfFinding = 50;
export const longestGiven = 200_000;
/** Brought diffs of one project that may wait or be proven at once. */
const mostOpenGiven = 10;

/**
 * What somebody brought a diff for, as an attempt may be begun for it. Throws AppError that says why not: what may not be proposed
 * may still be proven.
 */
export function givenChoice(
  findings: readonly FindingDoc[],
  { project, publish }: { readonly project: ProjectDoc; readonly publish: boolean },
  deps: AttemptChoiceDeps,
): Choice {
  const [lead] = findings;
  if (!lead) throw new AppError('invalid', 'A diff needs a finding that it mends.');
  const plan = planOf(project, deps);
  for (const finding of findings) {
    const about = `Finding ${finding.id}`;
    const { active, refused, isMerged, ever } = standingOf(finding, deps);
    if (finding.state !== 'open')
      throw refusal('not_open', `${about} is ${finding.state.replace('_', ' ')}, not open.`);
    if (finding.last_seen_job !== lead.last_seen_job)
      throw refusal(
        'other_run',
        `${about} was seen by job ${finding.last_seen_job}, finding ${lead.id} by job ${lead.last_seen_job}: bring a diff for each.`,
      );
    if (active) throw refusal('active', `${about} has an open attempt already: ${active.id} (${active.status}).`);
    if (ever >= mostOfFinding)
      throw refusal('attempts_exhausted', `${about} was tried ${ever} times, which is the most.`);
    if (finding.kind === 'recipe_fail')
      throw refusal('not_actionable', `${about}: a failing recipe says nothing that could be proven mended.`);
    if (!publish) continue;
    const unfit = whyUnfit(finding, plan);
    if (unfit) throw refusal('not_actionable', `${about}: ${unfit} It can be verified without a pull request.`);
    if (!plan.methods.includes('given'))
      throw refusal('no_method', `${about}: this project takes no diffs of others (patch.methods without given).`);
    if (refused)
      throw refusal('refused', `${about}: a pull request for it was closed without being merged (${refused.id}).`);
    if (isMerged)
      throw refusal('merged', `${about}: a pull request for it was merged; the next run shows what came of it.`);
  }
  const open = deps.query().patches.openOf(project.name);
  if (open.filter(({ methods }) => methods.includes('given')).length >= mostOpenGiven)
    throw new AppError('rate_limited', `${mostOpenGiven} diffs of ${project.name} are being proven: wait for one.`, {
      retryAfterSecs: 30,
    });
  return { lead, members: findings, methods: ['given'] };
}

function refusal(name: string, why: string): AppError {
  return new AppError('conflict', why, { name });
}
