import type { WorkDoc } from '../../../projections/work/work-document.ts';
import type { TalkComment, TalkIssue } from '../../io/forge/talk/talk.ts';
import { stopWork } from '../../work/end-work.ts';
import { type Command, commandIn } from '../../work/rules/work-command.ts';
import { workIdOf } from '../../work/target-draft.ts';
import { setBudget } from '../turns/set-budget.ts';
import { type Doing, endDeps, record, workNow } from '../work-deps.ts';
import { target } from './target-work.ts';
import { agentOfLabels, allowedAmong, isProgram, type Orchestrated } from './who-may.ts';

/** A command that is older says nothing about now: the farm, or the project's agents, were not there then. */
const freshMs = 7 * 86_400_000;

/** Follows the commands that members wrote below an issue, and below its pull request, each once. */
export async function followCommands(issue: TalkIssue, here: Orchestrated, doing: Doing): Promise<void> {
  const { deps } = doing;
  const id = workIdOf(here.project.name, issue.number);
  const pull = workNow(id, deps)?.pull?.number ?? null;
  const said = [
    ...(await here.talk.comments('issue', issue.number)),
    ...(pull === null ? [] : await here.talk.comments('pull', pull)),
  ].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  await followAll(said, { issue, here }, doing);
}

type Place = { readonly issue: TalkIssue; readonly here: Orchestrated };

async function followAll(said: readonly TalkComment[], { issue, here }: Place, doing: Doing): Promise<void> {
  const { deps } = doing;
  const id = workIdOf(here.project.name, issue.number);
  const seen = deps.models.query().works.seen(id);
  const since = new Date(deps.clock.now() - freshMs).toISOString();
  const commands = said.flatMap((comment) => {
    const command = comment.createdAt < since || seen.has(`command ${comment.id}`) ? null : commandIn(comment.body);
    return command === null ? [] : [{ comment, command }];
  });
  if (commands.length === 0) return;
  const me = await here.talk.me();
  const people = commands.filter(({ comment }) => !isProgram(comment, me));
  const allowed = await allowedAmong(
    people.map(({ comment }) => comment.author),
    here,
    deps,
  );
  for (const { comment, command } of people) {
    // What strangers say starts nothing, and is not even kept.
    if (!allowed.has(comment.author.toLowerCase())) continue;
    const refused = await follow(command, { comment, issue, here }, doing);
    const isRead = typeof command !== 'string';
    const data = {
      ...{ work_id: id, project: here.project.name, comment_id: comment.id, by: comment.author },
      ...{ verb: isRead ? command.verb : null, tokens: isRead ? command.tokens : null, refused },
    };
    await record({ type: 'WorkCommanded', id, data }, (await deps.log.last('WorkCommanded', id))?.seq ?? 0, doing);
  }
}

type Said = Place & { readonly comment: TalkComment };

/** Does what a member asks for; a sentence says why not. What was done before a crash is known as done. */
async function follow(command: Command | string, said: Said, doing: Doing): Promise<string | null> {
  if (typeof command === 'string') return command;
  const { comment, issue, here } = said;
  const { deps } = doing;
  const id = workIdOf(here.project.name, issue.number);
  const work = workNow(id, deps);
  const isLive = work !== null && work.state !== 'ended';
  const { verb } = command;
  if (verb === 'stop') {
    const before = await deps.log.last('WorkEnded', id);
    if (work?.state === 'ended' && before?.data.detail.includes(`(comment ${comment.id})`)) return null;
    if (!isLive) return 'nothing is at work here that could be stopped';
    const detail = `${comment.author} stopped it (comment ${comment.id}).`;
    await stopWork(work, { reason: 'stopped', detail, by: comment.author }, endDeps(doing));
    return null;
  }
  if (verb === 'budget') {
    if (!isLive) return 'nothing is at work here that could use a budget';
    await setBudget(work, command.tokens ?? 0, doing);
    return null;
  }
  const last = await deps.log.last('IssueTargeted', id);
  if (last?.data.comment_id === comment.id) return null;
  if (isLive) return `round ${work.round || 1} is at work already; /crafting-table stop ends it`;
  if (issue.state !== 'open') return 'the issue is closed';
  if (verb === 'retry' && work === null) return 'nothing was tried here yet; /crafting-table fix begins';
  const agent = agentFor(command, work, said);
  if (agent === null) return `this project has no such agent; it has ${here.settings.agents.join(', ')}`;
  const wanted = {
    ...{
      agent,
      verb: verb === 'retry' ? (work?.verb ?? 'fix') : verb,
      trigger: 'comment' as const,
      by: comment.author,
    },
    because: `${comment.author} is a member of ${here.organisation} and wrote /crafting-table ${verb}`,
    ...{ comment_id: comment.id, instructions: command.instructions, budget_tokens: work?.budget_tokens ?? null },
  };
  return (await target(issue, wanted, here, doing)) ? null : 'somebody else began at the same moment';
}

function agentFor({ agent, verb }: Command, work: WorkDoc | null, { issue, here }: Said): string | null {
  const { agents } = here.settings;
  if (agent !== null) return agents.includes(agent) ? agent : null;
  const before = verb === 'retry' && work !== null && agents.includes(work.agent) ? work.agent : null;
  return before ?? agentOfLabels(issue.labels, here.settings)?.agent ?? agents[0] ?? null;
}
