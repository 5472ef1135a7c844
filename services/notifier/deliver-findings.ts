import type { Outcome } from '../floor/notice-outcome.ts';
import { uploadFile } from '../io/agent/clawdforge-files.ts';
import { jobOf } from './deliver-webhook.ts';
import { type Delivery, undelivered, undeliveredBy } from './notice-delivery.ts';

const mostFindings = 500;
const keptSecs = 86_400;

/** Hands what a job found for the first time to clawdforge; the token of the file is the reference of the notice. */
export async function deliverFindings({ event, signal, deps }: Delivery): Promise<Outcome> {
  const gateway = deps.config.patcher.clawdforge;
  if (!gateway) return undelivered('is not set up (CRAFTING_CLAWDFORGE_URL, CRAFTING_CLAWDFORGE_TOKEN)');
  const job = jobOf(event.data, deps);
  if (!job) return undelivered('is about a job that is not known any more');
  const { job_id, project, subproject, recipe, branch, sha } = job;
  const findings = newFindings(job_id, deps);
  const content = JSON.stringify({ project, job_id, subproject, recipe, branch, sha, findings }, null, 1);
  try {
    const { url, token } = gateway;
    const name = `findings-${job_id}.json`;
    const reference = await uploadFile({ url, token, name, content, ttlSecs: keptSecs, signal });
    return { delivered: true, status: 200, reference };
  } catch (error) {
    return undeliveredBy(error);
  }
}

/** Without what the tool printed word for word: agents need what it means. */
function newFindings(jobId: string, { models }: Delivery['deps']) {
  const found: object[] = [];
  for (let after = -1; found.length < mostFindings; ) {
    const page = models.query().occurrences.page(jobId, after, 500);
    const last = page.at(-1);
    if (!last) break;
    after = last.ordinal;
    for (const { doc } of page) {
      if (!doc.is_new || found.length >= mostFindings) continue;
      const { raw_json: _raw, edits: _edits, is_new: _isNew, ...shown } = doc;
      found.push(shown);
    }
  }
  return found;
}
