import type { FindingDoc } from '../../projections/findings/findings.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { isAppError } from '../floor/app-error.ts';
import { judgeCandidate } from '../patcher/rules/drafting/choose-patches.ts';
import { maxOpenAttempts } from './awaited-place.ts';
import { type AttemptChoiceDeps, baseOf, forgeOf, planOf, standingOf } from './request-attempts.ts';

const mostShown = 500;

/** Proposals of one project that may be open at once. */
export const mostOpen = maxOpenAttempts;

/** The open findings of a project for which nothing is proposed at the moment, the most severe first, and why. */
export function waitingIn(project: ProjectDoc, open: readonly PatchDoc[], deps: AttemptChoiceDeps) {
  const { findings } = deps.query();
  const plan = planOf(project, deps);
  const nowhere = noForge(project, deps);
  const proposed = new Set(open.flatMap(({ members }) => members.map(({ identity }) => identity)));
  const slots = maxOpenAttempts - open.length;
  const why =
    slots <= 0
      ? `${open.length} proposals are open (${open.map(({ id }) => id).join(', ')}); ${maxOpenAttempts} are the most.`
      : '';
  return findings
    .openIn(project.name, mostShown)
    .filter(({ identity }) => !proposed.has(identity))
    .map((finding) => {
      const verdict = judgeCandidate(finding, plan, standingOf(finding, deps));
      const { id, identity, kind, severity, tool, code, file, line } = finding;
      const said =
        verdict.actionable && nowhere
          ? { methods: verdict.methods, ...nowhere }
          : verdict.actionable
            ? { methods: verdict.methods, reason: slots <= 0 ? 'waiting' : asked(project), detail: why }
            : { methods: [], reason: verdict.reason, detail: verdict.why };
      return {
        finding_id: id,
        identity,
        kind,
        severity,
        tool,
        code,
        file,
        line,
        actionable: verdict.actionable && nowhere === null,
        ...said,
      };
    });
}

/** Why nothing of a project can be proposed anywhere: no forge, or none that the farm's token may be used for. Null where it can. */
function noForge(project: ProjectDoc, deps: AttemptChoiceDeps): { reason: string; detail: string } | null {
  try {
    forgeOf(project, deps);
    return null;
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { reason: error.reason, detail: error.message };
  }
}

/** Whether somebody may ask for a patch of one finding now, by which methods, and why not; whether a place is free only makes it wait. */
export function outlookOf(finding: FindingDoc, project: ProjectDoc, deps: AttemptChoiceDeps) {
  const verdict = judgeCandidate(finding, planOf(project, deps), standingOf(finding, deps));
  if (!verdict.actionable) return { actionable: false, methods: [], reason: verdict.reason, detail: verdict.why };
  const { methods } = verdict;
  const nowhere = noForge(project, deps);
  if (nowhere) return { actionable: false, methods, ...nowhere };
  if (baseOf(finding.id, deps) === null)
    return { actionable: false, methods, reason: 'no_run', detail: 'The run that saw it last is not known any more.' };
  return { actionable: true, methods, reason: null, detail: null };
}

/** With a place free, it is proposed after the next run, or when somebody asks. */
function asked({ notify }: ProjectDoc): string {
  return notify.auto_patch ? 'next_run' : 'not_asked';
}
