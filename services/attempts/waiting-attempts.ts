import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { judgeCandidate, maxOpenAttempts } from '../patcher/rules/drafting/choose-patches.ts';
import { grantOf } from '../projects/forge-access.ts';
import { type AttemptChoiceDeps, planOf, standingOf } from './request-attempts.ts';

const mostShown = 500;

/** Proposals of one project that may be open at once. */
export const mostOpen = maxOpenAttempts;

/** The open findings of a project for which nothing is proposed at the moment, the most severe first, and why. */
export function waitingIn(project: ProjectDoc, open: readonly PatchDoc[], deps: AttemptChoiceDeps) {
  const { findings } = deps.query();
  const plan = planOf(project, deps);
  const grant = deps.config.patcher.forge.none ? null : grantOf(project, deps);
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
      const refused = verdict.actionable && grant !== null && !grant.granted;
      const said = refused
        ? { methods: verdict.methods, reason: 'no_grant', detail: grant.reason }
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
        actionable: verdict.actionable,
        ...said,
      };
    });
}

/** With a place free, it is proposed after the next run, or when somebody asks. */
function asked({ notify }: ProjectDoc): string {
  return notify.auto_patch ? 'next_run' : 'not_asked';
}
