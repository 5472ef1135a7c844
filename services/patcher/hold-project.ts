import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { EffectOf } from '../define.ts';
import { isAppError, messageOf } from '../floor/app-error.ts';
import { appendOnce } from '../io/event-log.ts';
import { type PatcherDeps, remoteOf, type Step } from './attempt-steps.ts';

/** A credential that was taken once and is not any more; that a right is missing is another thing, which lasts. */
export function isCredentialRefused(error: unknown): boolean {
  if (!isAppError(error)) return false;
  if (error.reason === 'forge_credential') return true;
  return (
    error.reason === 'git_unauthorized' &&
    /refused the one given.*(\b401\b|authentication failed)/is.test(error.message)
  );
}

/** Whether the attempts of a project wait until its credential is taken again. */
export function isHeld(project: string, { models }: Pick<PatcherDeps, 'models'>): boolean {
  return models.query().grants.refusal(project) !== null;
}

/** Does a step. One that meets a credential which is not taken is left where it was: said once, and lost never. */
export async function unlessRefused(
  step: Pick<Step, 'effect' | 'deps'> & { project: string },
  work: () => Promise<void>,
) {
  try {
    await work();
  } catch (error) {
    if (!isCredentialRefused(error)) throw error;
    await hold(step.project, error, step);
  }
}

/** Says that the credential of a project is not taken; what it says is told to its webhooks, and stands in the status. */
async function hold(project: string, error: unknown, { effect, deps }: Pick<Step, 'effect' | 'deps'>): Promise<void> {
  const { log, models, logger } = deps;
  const last = await log.last('ForgeCredentialRefused', project);
  // Another attempt may have said so a moment ago.
  if (last) await models.applied(last.seq, 10_000);
  const found = models.query().projects.find(project);
  if (!found || isHeld(project, deps)) return;
  // The API of a forge is asked with the farm's own, unless the project wants it otherwise.
  const isOfForge = isAppError(error) && error.reason === 'forge_credential' && found.patch?.own_token !== true;
  const isOfFarm = found.credential_ref === null || isOfForge;
  const used = isOfFarm ? ('farm' as const) : ('project' as const);
  const data = { project, repository: found.git_url, used, detail: messageOf(error).slice(0, 512) };
  const draft = { type: 'ForgeCredentialRefused' as const, id: project, data };
  const expect = last?.seq ?? 0;
  const { seq } = await appendOnce(log, draft, { expect, cause: effect(`credential of ${project} after ${expect}`) });
  logger.error(
    { project, error: messageOf(error), code: 'forge_credential' },
    'a credential is not taken: patches wait',
  );
  await models.applied(seq, 10_000);
}

const everyMs = 60_000;

/** Tries every minute whether a credential is taken again. Answers how to stop. */
export function watchCredentials(deps: PatcherDeps): { stop(): Promise<void> } {
  return deps.clock.every(everyMs, async () => {
    for (const { project } of deps.models.query().grants.refusals())
      await tryCredential(project, deps).catch((error) =>
        deps.logger.debug({ project, error: messageOf(error) }, 'a credential could not be tried'),
      );
  });
}

async function tryCredential(project: string, deps: PatcherDeps): Promise<void> {
  const { log, models, workspaces } = deps;
  const found = models.query().projects.find(project);
  if (!found) return;
  const [patch] = models.query().patches.openOf(project);
  if (patch) await asksForge(patch, deps);
  await workspaces.branchTip(await remoteOf(patch ?? { project, forge: 'none' }, deps), found.default_branch);
  const last = await log.last('ForgeCredentialAccepted', project);
  const expect = last?.seq ?? 0;
  const data = { project, repository: found.git_url };
  const effect: EffectOf = (ordinal) => ({
    ...{ eventId: project, correlationId: project, consumer: 'patcher-credentials', ordinal: `${ordinal}` },
  });
  const draft = { type: 'ForgeCredentialAccepted' as const, id: project, data };
  await appendOnce(log, draft, { expect, cause: effect(`accepted after ${expect}`) });
}

/** One call that needs the credential. */
async function asksForge(patch: PatchDoc, { openForge }: PatcherDeps): Promise<void> {
  await openForge(patch)?.recentPulls(null);
}
