import type { Evidence, PatchFailure, PatchStep } from '../../../../events/patches/patch.ts';
import type { PatchMethod } from '../../../../events/projects/project.ts';

/** How often an agent is asked about one base commit. */
export const maxAgentTurns = 3;

export type TurnFailed = {
  readonly step: PatchStep;
  /** A stable word. */
  readonly reason: string;
  /** The exact error. */
  readonly detail: string;
  readonly evidence?: Evidence | null;
};

type Try = { readonly turn: number; readonly method: PatchMethod; readonly reason: string };

/** Nothing that an agent is told would change these. */
const final = new Set(['declined', 'agent_unauthorized', 'agent_missing', 'bottle_failed', 'bottle_stopped']);

/** How often a tool's own edits may bring others of its own along, as in the passes that it makes itself. */
const maxToolPasses = 10;

/** Who tries next: the agent again, told what was wrong, up to three times; else the next method; null when none is left. */
export function nextTurn(
  methods: readonly PatchMethod[],
  tries: readonly Try[],
): { turn: number; method: PatchMethod } | null {
  const last = tries.at(-1);
  const turn = (last?.turn ?? 0) + 1;
  const asked = tries.filter(({ method }) => method === last?.method).length;
  const listens = last?.method === 'agent' || last?.method === 'bottle';
  if (listens && asked < maxAgentTurns && !final.has(last.reason)) return { turn, method: last.method };
  const passes = tries.filter((one) => one.method === 'tool_edit').length;
  if (last?.reason === 'more_to_mend' && passes < maxToolPasses) return { turn, method: last.method };
  const method = methods[last === undefined ? 0 : methods.indexOf(last.method) + 1];
  return method === undefined ? null : { turn, method };
}

const advice: Readonly<Record<string, string>> = {
  agent_missing: 'Set CRAFTING_CLAWDFORGE_URL and CRAFTING_CLAWDFORGE_TOKEN, or CRAFTING_AGENT_COMMAND.',
  bottle_failed: 'Look at the bottle: GET /bottles/{id}, and the log of its job.',
  bottle_stopped: 'Ask for another attempt, with more budget where that was used up.',
  agent_unauthorized: 'Check CRAFTING_CLAWDFORGE_TOKEN: the gateway does not take it.',
  agent_timeout: 'Raise CRAFTING_AGENT_TIMEOUT_SECS, or mend it by hand.',
  declined: 'Mend it by hand, or suppress the finding with a reason.',
  finding_gone: 'Nothing is to be done: the finding is not open any more.',
  still_there: 'Look at the log of the verify job: the draft did not remove the finding.',
  more_to_mend: "The tool's own edits bring others along without end; mend it by hand.",
  same_draft: 'Nothing new can be tried on this commit: wait for a newer run, or mend it by hand.',
  flaky: 'Mend the test, or suppress the finding: it fails and passes on one commit.',
  not_reproduced:
    'A proof has no network and empty caches (CRAFTING_PATCHER_PROOF): see whether the recipe needs them.',
  not_exercised: 'Add a test that tells the change from its opposite, then try again.',
  not_shut_in:
    'Install bubblewrap on a runner, or set CRAFTING_PATCHER_PROOF=open if you may push what is proven like any job.',
  environment:
    'Set CRAFTING_PATCHER_PROOF=registries if the recipe installs what it needs, or look at the log of the job.',
  not_approved: 'Somebody declined it: lift that with POST /patches/{id}/reconsider, or mend it by hand.',
  approval_expired: 'Nobody answered in time: ask for another attempt, and approve it.',
  stopped: 'Somebody stopped it; ask for another attempt when it may go on.',
  new_findings: 'The draft trades one finding for others; mend them together by hand.',
  test_newly_failing: 'If the test is unstable (GET /projects/{name}/tests shows it), try again.',
  fewer_tests: 'The draft keeps tests from running; mend it by hand.',
  job_timeout: 'Raise timeout_secs of the subproject, or make the recipe faster.',
  unauthorized: 'Check the credential in git_url and the token of the forge.',
  forbidden: 'Give the token the right to push branches and to open pull requests.',
  no_grant: 'Ask an admin for a grant, or give git_url a credential that may push there; then try again.',
  branch_taken: 'Somebody else has pushed to the branch; rename or delete it there.',
};

const byStep: Readonly<Record<PatchStep, string>> = {
  context: 'Run the recipe again, so that the finding is seen at a newer commit.',
  draft: 'Allow method agent for the project, or mend it by hand.',
  agent: 'Look at the gateway, then try again: POST /jobs/{id}/patches.',
  apply: 'Try again: POST /jobs/{id}/patches.',
  policy: 'Mend it by hand: the loop never proposes such a change.',
  verify: 'Look at the log of the verify job.',
  push: 'Look at the remote, then POST /patches/{id}/reconsider and try again.',
  forge: 'Look at the forge, then POST /patches/{id}/reconsider and try again.',
};

const anew = 'then prove it again: POST /projects/{name}/verify-patch.';

/** Who brought a diff mends it: no other draft is tried in its place. */
const ofGiven: Readonly<Partial<Record<PatchStep, string>>> = {
  apply: `Make the diff anew against \`base\` of this attempt, with paths inside the repository, ${anew}`,
  policy: `Leave out of the diff what the detail names, ${anew}`,
};

/** A failure as people see it; `isGiven` where the diff was somebody's own. */
export function failureOf(
  { step, reason, detail }: Pick<TurnFailed, 'step' | 'reason' | 'detail'>,
  isGiven = false,
): PatchFailure {
  const word = reason.slice(0, 64) || 'unknown';
  return {
    step,
    reason: word,
    detail: detail.slice(0, 8192),
    next: (isGiven ? ofGiven[step] : undefined) ?? advice[word] ?? byStep[step],
  };
}
