import type { SeenComment } from '../../../events/work/work.ts';
import type { WorkDoc } from '../../../projections/work/work-document.ts';
import type { TalkComment } from '../../io/forge/talk/talk.ts';
import { commandIn } from '../../work/rules/work-command.ts';
import { isProgram, orchestrated } from '../issues/who-may.ts';
import { type Doing, idOf, record, workNow } from '../work-deps.ts';

/** So many comments of strangers are counted of one round: they are no reason for a log to grow. */
const mostStrangers = 50;

/** Looks at what people said about the pull request of a work; what members said waits to be answered. */
export async function collectReviews(id: string, doing: Doing): Promise<WorkDoc | null> {
  const { deps } = doing;
  return deps.withLock(`look ${id}`, async () => {
    const work = workNow(id, deps);
    const here = work && orchestrated(work.project, deps);
    if (!work || !here || work.pull === null || work.state === 'ended') return work;
    const seen = deps.models.query().works.seen(id);
    const me = await here.talk.me();
    const said = (await here.talk.reviews(work.pull.number)).filter(
      (one) => !seen.has(`${one.kind} ${one.id}`) && !isProgram(one, me) && commandIn(one.body) === null,
    );
    if (said.length === 0) return work;
    const members = await deps.members.among(
      here.organisation,
      said.map(({ author }) => author),
      here.talk,
    );
    const isMember = ({ author }: TalkComment) => members.has(author.toLowerCase());
    const strangers = said.filter((one) => !isMember(one)).slice(0, Math.max(0, mostStrangers - work.strangers));
    const kept = said.filter((one) => isMember(one) || strangers.includes(one)).slice(0, 100);
    const comments = kept.map((one) => seenAs(one, isMember(one)));
    if (comments.length === 0) return work;
    const data = { ...idOf(work), round: work.round, comments };
    await record({ type: 'ReviewCommented', id, data }, work.seqs.commented, doing);
    return workNow(id, deps);
  });
}

function seenAs({ kind, id, thread, author: by, path, line }: TalkComment, member: boolean): SeenComment {
  const of = kind === 'issue' ? 'pull' : kind;
  return { kind: of, id, thread: thread?.slice(0, 128) ?? null, by, member, path, line };
}
