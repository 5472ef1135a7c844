import { chooseForge } from '../floor/forges/choose-forge.ts';
import type { Outcome } from '../floor/notice-outcome.ts';
import { scopedStatus } from '../io/forge/scoped-status.ts';
import { provenGrant } from '../projects/forge-access.ts';
import { jobOf } from './deliver-webhook.ts';
import { type Delivery, undelivered, undeliveredBy } from './notice-delivery.ts';
import { commitStateOf } from './rules/commit-state.ts';

/** Shows on a commit how its job stands at this moment. */
export async function deliverStatus({ target, project, event, deps }: Delivery): Promise<Outcome> {
  const job = jobOf(event.data, deps);
  const status = job && commitStateOf(job, target.target, deps.config.publicUrl);
  if (!job || !status) return undelivered('is not known any more');
  const choice = chooseForge(job.recipe_snapshot.git_url, deps.config.patcher.forge);
  const grant = await provenGrant(project, deps);
  if (grant && !grant.granted) return undelivered(grant.reason);
  const forge = deps.openForge?.(project.name, choice);
  if (!forge) return undelivered('is on no forge that is set up here (CRAFTING_GITEA_URL, CRAFTING_GITHUB_TOKEN)');
  try {
    await scopedStatus(forge, { sha: status.sha, context: target.target }).setStatus(status);
    return { delivered: true, status: 201, reference: `${forge.repository}@${status.sha}`.slice(0, 256) };
  } catch (error) {
    return undeliveredBy(error);
  }
}
