import type { TurnReason } from '../../../events/work/work.ts';
import { AppError } from '../../floor/app-error.ts';
import { forgeSecrets } from '../../floor/forges/forge-instances.ts';
import { redactorOf } from '../../floor/text/redactor.ts';
import type { Talk, TalkComment } from '../../io/forge/talk/talk.ts';
import { isProgram } from '../issues/who-may.ts';
import {
  conflictPrompt,
  type FenceText,
  firstPrompt,
  reviewPrompt,
  sentBackPrompt,
  withoutSession,
} from '../rules/work-prompt.ts';
import type { Step } from '../work-deps.ts';

type Turn = {
  readonly turn: number;
  readonly why: TurnReason;
  readonly session: string | null;
  readonly base_sha: string;
  readonly before: string;
  readonly comments: readonly { readonly kind: string; readonly id: number }[];
};

/** What the agent of a turn is told, out of what stands on the forge now. No secret of the farm is in it. */
export async function promptOf(turn: Turn, step: Step): Promise<string> {
  const { work, deps } = step;
  const talk = deps.openTalk(work.project);
  if (talk === null) throw new AppError('forbidden', `The farm may not speak on the forge of ${work.project}.`);
  const { text: redact } = redactorOf(forgeSecrets(deps.config.patcher.forge));
  const isFirst = turn.turn === 1;
  const then = isFirst ? null : await later(turn, talk, step);
  if (then !== null && turn.session !== null) return redact(then);
  const first = await opening(talk, step);
  return redact(then === null ? first : withoutSession(first, then));
}

async function opening(talk: Talk, { work }: Step): Promise<string> {
  const issue = await talk.read('issue', work.issue);
  if (issue === null) throw new AppError('not_found', `There is no issue ${work.issue} any more.`);
  const me = await talk.me();
  const people = (await talk.comments('issue', work.issue)).filter((one) => !isProgram(one, me));
  const { project, repository, verb, instructions } = work;
  return firstPrompt({ project, repository, issue, comments: people.map(fenceText), verb, instructions });
}

async function later({ why, comments, base_sha, before }: Turn, talk: Talk, { work }: Step): Promise<string> {
  if (why === 'conflict') return conflictPrompt({ branch: work.base?.branch ?? '', before, now: base_sha });
  if (why === 'sent_back' && work.failure !== null) return sentBackPrompt(work.failure);
  if (why === 'resumed') return reviewPrompt([{ author: work.by, body: work.resume ?? work.instructions ?? 'Go on.' }]);
  const asked = new Set(comments.map(({ kind, id }) => `${kind} ${id}`));
  const all = work.pull === null ? [] : await talk.reviews(work.pull.number);
  const said = all.filter(({ kind, id }) => asked.has(`${kind} ${id}`));
  // All of them were deleted meanwhile: there is nothing left that could be wanted.
  return reviewPrompt(
    said.length > 0 ? said.map(fenceText) : [{ author: 'nobody', body: '(every comment was deleted)' }],
  );
}

const fenceText = ({ author, body, path, line }: TalkComment): FenceText => ({ author, body, path, line });
