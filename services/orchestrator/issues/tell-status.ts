import { createHash } from 'node:crypto';
import { placeOfWork } from '../../attempts/awaited-place.ts';
import { isAppError } from '../../floor/app-error.ts';
import type { Talk } from '../../io/forge/talk/talk.ts';
import { provenanceOfWork } from '../../work/work-provenance.ts';
import { statusText } from '../rules/status-text.ts';
import { farmOf, idOf, record, type Step, workNow } from '../work-deps.ts';
import { isProgram } from './who-may.ts';

/** Says on the issue how a work stands, in the one comment that is edited; nothing is sent where it says that already. */
export async function tellStatus(step: Step): Promise<void> {
  const { deps } = step;
  const work = workNow(step.work.id, deps);
  const talk = work && deps.openTalk(work.project);
  if (!work || !talk) return;
  const body = await textOf({ ...step, work });
  const digest = createHash('sha256').update(body).digest('hex');
  if (deps.told.get(work.id) === digest) return;
  await deps.log.flush();
  const comment = work.status_comment ?? (await findOwn(talk, { ...step, work }));
  if (comment === null) {
    const said = await talk.say('issue', work.issue, body);
    await posted(said.id, { ...step, work });
  } else {
    if (work.status_comment === null) await posted(comment, { ...step, work });
    // Somebody deleted it: they do not want it, and it is not said again.
    await talk.edit('issue', work.issue, comment, body).catch((error: unknown) => {
      if (!isAppError(error, 'not_found')) throw error;
    });
  }
  if (deps.told.size > 5_000) deps.told.clear();
  deps.told.set(work.id, digest);
}

async function posted(comment_id: number, step: Step): Promise<void> {
  const { work } = step;
  await record({ type: 'WorkStatusPosted', id: work.id, data: { ...idOf(work), comment_id } }, work.seqs.status, step);
}

async function textOf({ work, deps }: Step): Promise<string> {
  const query = deps.models.query();
  const attempt = work.patch_id === null ? null : (query.patches.find(work.patch_id)?.doc ?? null);
  const command = await deps.log.last('WorkCommanded', work.id);
  const refused = command && command.seq > work.seqs.targeted ? command.data.refused : null;
  const provenance = provenanceOfWork(work, query, farmOf(deps));
  const place = placeOfWork(work, query);
  return statusText({ work, attempt, place, refused, provenance, mark: await markOf({ work, deps }) });
}

/** A crash may have come between the comment and the event that says so. */
async function findOwn(talk: Talk, { work, deps }: Step): Promise<number | null> {
  const [me, mark] = [await talk.me(), await markOf({ work, deps })];
  const own = (await talk.comments('issue', work.issue)).filter((one) => isProgram(one, me));
  return own.find(({ body }) => body.includes(mark))?.id ?? null;
}

/** Out of an id that stands nowhere outside of the farm: nobody can write it before it is there. */
async function markOf({ work, deps }: Pick<Step, 'work' | 'deps'>): Promise<string> {
  const first = await deps.log.first('IssueTargeted', work.id);
  const hash = createHash('sha256')
    .update(`${work.id}\n${first?.eventId ?? ''}`)
    .digest('hex');
  return `<!-- crafting-table status ${hash.slice(0, 32)} -->`;
}
