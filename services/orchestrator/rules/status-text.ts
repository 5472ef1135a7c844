import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import type { WorkDoc } from '../../../projections/work/work-document.ts';
import { code, quoted } from '../../floor/text/escape-text.ts';

type StatusFacts = {
  readonly work: WorkDoc;
  readonly attempt: PatchDoc | null;
  /** For which place what it left waits, in words; null where it waits for none. */
  readonly place?: string | null;
  /** A note about the last command that came to nothing, or null. */
  readonly refused: string | null;
  readonly provenance: string;
  /** By which the comment is found again. */
  readonly mark: string;
};

/** The one comment that says how a work stands; its text follows from its state alone. */
export function statusText({ work, attempt, place = null, refused, provenance, mark }: StatusFacts): string {
  const words = [
    `**crafting-table** · ${headline(work, attempt, place)}`,
    ...details(work),
    ...(refused === null ? [] : [`> **Note:** ${refused}`]),
    ...(work.strangers === 0
      ? []
      : [
          `Left alone: ${work.strangers} ${work.strangers === 1 ? 'comment' : 'comments'} of people who are no members.`,
        ]),
    help(work),
    provenance,
    mark,
  ];
  return `${words.join('\n\n')}\n`;
}

function headline(work: WorkDoc, attempt: PatchDoc | null, place: string | null): string {
  const { state, agent, turn, pull, pending, asked, outcome, reason, run } = work;
  const who = `the agent ${code(agent, 64)}`;
  switch (state) {
    case 'targeted':
    case 'claimed':
      return `taken: ${who} begins soon.`;
    case 'working':
      return run?.job_id === null
        ? `${who} waits for a runner.`
        : `${who} is at work${turn > 1 ? ` (turn ${turn})` : ''}.`;
    case 'ran':
      return `${who} has ended; what it left is looked at.`;
    case 'proposed':
      return place === null ? 'what it left is being proven.' : `what it left waits for ${place}. Merge or close one.`;
    case 'verified':
      return attempt?.status === 'awaiting_approval'
        ? 'it is proven, and waits for somebody to approve it (`crafting-table patches approve`).'
        : 'it is proven; a pull request comes.';
    case 'refused':
      return `what it left was not taken (${code(work.failure?.reason ?? null)}).`;
    case 'in_review': {
      if (attempt?.taken_over) return `${linkOf(pull)} is yours: somebody pushed to its branch, and it is left alone.`;
      const open = pending.length + asked.length;
      return open > 0
        ? `${linkOf(pull)} is open; ${open} of your comments will be answered together.`
        : `${linkOf(pull)} is open, and waits for your review.`;
    }
    case 'settled':
    case 'ended':
      return endWords(outcome ?? (reason === 'merged' ? 'merged' : 'closed'), work);
    default:
      return state satisfies never;
  }
}

function endWords(outcome: NonNullable<WorkDoc['outcome']>, { pull, reason }: WorkDoc): string {
  if (outcome === 'merged') return `done: ${linkOf(pull)} was merged.`;
  if (outcome === 'closed') return `over: ${linkOf(pull)} was closed without being merged.`;
  if (outcome === 'explained') return 'explained:';
  return outcome === 'stopped' ? `stopped (${code(reason)}).` : `it came to nothing (${code(reason)}).`;
}

/** The forge's own address: numbers of merge requests look different on GitLab. */
const linkOf = (pull: WorkDoc['pull']) => (pull === null ? 'the pull request' : `[#${pull.number}](<${pull.url}>)`);

function details({ state, run, outcome, detail, failure, budget_tokens: budget }: WorkDoc): string[] {
  const told = state === 'ended' && outcome !== 'merged' && outcome !== 'closed' ? detail : null;
  const said = told ?? (state === 'refused' ? (failure?.detail ?? null) : null);
  return [
    ...(said === null || said === '' ? [] : [quoted(said, 6000)]),
    ...(state === 'in_review' && run?.summary ? [quoted(run.summary, 3000)] : []),
    ...(budget === null ? [] : [`Budget of a turn: ${budget} tokens.`]),
  ];
}

function help({ state }: WorkDoc): string {
  const words = state === 'ended' ? ['fix', 'explain', 'retry'] : ['stop', 'budget 200k'];
  return `Members may write ${words.map((word) => code(`/crafting-table ${word}`)).join(', ')} in a comment.`;
}

/** What is said in the thread of a comment of a review. */
export function answerText(work: WorkDoc, { provenance, mark }: Pick<StatusFacts, 'provenance' | 'mark'>): string {
  const { run, state, failure } = work;
  const said = run?.summary ? quoted(run.summary, 6000) : null;
  const isShown = state === 'in_review' && run?.has_diff === true;
  const opening = isShown ? 'The branch has it now, proven once more.' : refusalWords(work);
  const why = state === 'refused' && failure ? [quoted(failure.detail, 3000)] : [];
  return `${[opening, ...why, ...(said === null ? [] : [said]), provenance, mark].join('\n\n')}\n`;
}

function refusalWords({ state, run, failure }: WorkDoc): string {
  if (state === 'refused')
    return `Nothing was changed: what the agent left was not taken (${code(failure?.reason ?? null)}).`;
  const ended = run?.ended ?? 'failed';
  if (ended === 'done' || ended === 'done_unreported') return 'Nothing was changed.';
  return `Nothing was changed: the run ended early (${code(ended)}).`;
}
