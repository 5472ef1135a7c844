import { createHash } from 'node:crypto';
import { AppError, isAppError } from '../../floor/app-error.ts';
import type { Talk, TalkComment } from '../../io/forge/talk/talk.ts';
import { provenanceOfWork } from '../../work/work-provenance.ts';
import { isProgram } from '../issues/who-may.ts';
import { answerText } from '../rules/status-text.ts';
import { farmOf, idOf, record, type Step } from '../work-deps.ts';

/** Answers what a turn was asked in a review, each comment in its thread and once; a comment that is gone is not answered. */
export async function answerReview(step: Step): Promise<void> {
  const { work, deps } = step;
  const { pull, asked } = work;
  if (pull === null) return;
  if (asked.length > 0) {
    const talk = deps.openTalk(work.project);
    if (talk === null) throw new AppError('forbidden', `The farm may not speak on the forge of ${work.project}.`);
    await deps.log.flush();
    await answerAll(talk, pull.number, step);
  }
  const data = { ...idOf(work), round: work.round, turn: work.turn, comments: asked };
  await record({ type: 'ReviewAnswered', id: work.id, data }, work.seqs.answered, step);
}

async function answerAll(talk: Talk, pull: number, { work, deps }: Step): Promise<void> {
  const me = await talk.me();
  const all = await talk.reviews(pull);
  const own = all.filter((one) => isProgram(one, me));
  const wanted = new Set(work.asked.map(({ kind, id }) => `${kind} ${id}`));
  const provenance = provenanceOfWork(work, deps.models.query(), farmOf(deps));
  // Of what stands below the pull request without a thread, one answer is enough.
  const threads = new Map<string, TalkComment>();
  for (const one of all)
    if (wanted.has(`${one.kind} ${one.id}`))
      threads.set(one.kind === 'review' ? `review ${one.thread}` : (one.thread ?? 'below'), one);
  for (const [thread, comment] of threads) {
    const mark = markOf(work.bottle_id ?? work.id, thread);
    // A crash may have come between an answer and the event that says so.
    if (own.some(({ body }) => body.includes(mark))) continue;
    await talk.answer(pull, comment, answerText(work, { provenance, mark })).catch((error: unknown) => {
      // The line or the thread is gone: the answer stands below the pull request.
      if (!isAppError(error, 'not_found') && !isAppError(error, 'invalid')) throw error;
      return talk.say('pull', pull, answerText(work, { provenance, mark }));
    });
  }
}

/** Nobody who writes into a thread can know it before it stands there. */
function markOf(bottle: string, thread: string): string {
  return `<!-- crafting-table answer ${createHash('sha256').update(`${bottle}\n${thread}`).digest('hex').slice(0, 32)} -->`;
}
