import { headlineOf, percentOf } from '../../../events/jobs/measured.ts';
import { recipesFile } from '../../../events/projects/project.ts';
import type { EventData, EventName, Recorded } from '../../../events/registry.ts';
import { counted } from '../../floor/text/counted.ts';

type Words = { readonly [N in EventName]?: (event: Recorded<N>) => string };

const short = (sha: string | null) => (sha === null ? 'an unknown commit' : sha.slice(0, 12));
const cut = (text: string, most = 160) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
const placeOf = (file: string | null, line: number | null) =>
  file === null ? '' : ` in ${cut(file)}${line === null ? '' : `:${line}`}`;
const pull = ({ number, repository }: { number: number; repository: string }) =>
  `pull request ${number} of ${cut(repository)}`;
const failed =
  (what: string) =>
  ({ data: { failure } }: { data: { failure: { step: string; reason: string; detail: string } } }) =>
    `${what} at the step ${failure.step}: ${failure.reason}, ${cut(failure.detail)}.`;

const faultWords = (faults: readonly { path: string; message: string }[]) =>
  faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');

const scheduled = { time: 'its time had come', catch_up: 'its time was missed', asked: 'it was asked for' };
const heads = {
  first: 'when watching began',
  poll: 'by a look at the remote',
  webhook: 'told by the forge',
};

const rolloutSteps = {
  first: 'goes to every project as the first',
  canary: 'goes to the canaries',
  production: 'goes to production',
  held: 'goes no further',
  released: 'may go on',
  rolled_back: 'goes back to every project',
};

function rolloutWords({ source, sha, step, by, reason }: EventData<'RecipeRolloutDecided'>): string {
  const what = sha === null ? `What is new in the recipe set ${source}` : `Version ${short(sha)} of ${source}`;
  return `${what} ${rolloutSteps[step]}, says ${by}: ${cut(reason)}`;
}

/**
 * What each event says, in one sentence that holds nothing but what stands in that event.
 * Long: a table, one sentence an event.
 */
const words: Words = {
  AgentCutOff: (event) => `Its requests are refused from now on${stopped(event)}`,
  AgentFrozen: (event) => `The bottle is frozen: its state is kept, and it ends${stopped(event)}`,
  AgentKilled: (event) => `The bottle is killed: nothing of it is kept, and it ends${stopped(event)}`,
  AgentRunDone: ({ data }) => `Its agent said that it is done (${data.status}): ${cut(data.summary)}`,
  AgentRunEnded: ({ data }) =>
    `The bottle ended as ${data.ended.replaceAll('_', ' ')}, ${data.diff === null ? 'and changed nothing' : `with a diff of ${counted(data.diff.files, 'file')}`}${data.why === null ? '.' : `: ${cut(data.why)}`}`,
  AgentRunRequested: ({ data }) => `${data.requested_by} asked the agent ${data.agent} to work on ${data.project}.`,
  AgentRunStarted: ({ data }) =>
    `The agent ${data.manifest.name} began in job ${data.job_id}, by the manifest ${short(data.manifest_digest)}.`,
  AgentRunStopRequested: ({ data }) =>
    `${data.by} wanted the bottle to end${data.reason === '' ? '' : `: ${cut(data.reason)}`}.`,
  BottleCalled: ({ data }) => `Its agent, by the sidecar: ${cut(data.words)}.`,
  BottleDestroyed: ({ data }) => `What the bottle left was deleted: ${cut(data.reason)}`,
  BranchHeadSeen: ({ data }) =>
    `Branch ${cut(data.branch)} stands at ${short(data.sha)}, seen ${heads[data.by]}; it asks for ${counted(data.jobs.length, 'job')}.`,
  BranchPushed: ({ data }) => `Commit ${short(data.commit)} was pushed to the branch ${cut(data.branch)}.`,
  BranchRemoved: ({ data }) => `The branch ${cut(data.branch)} was removed, as it was pushed.`,
  BranchTakenOver: ({ data }) => `Somebody else pushed ${short(data.commit)} to ${cut(data.branch)}; it is left alone.`,
  BudgetExhausted: ({ data }) => `The budget of ${budget(data)} is used up.`,
  BudgetNearlyExhausted: ({ data }) => `Four fifths of the budget of ${budget(data)} are used.`,
  BudgetSet: ({ data }) =>
    data.limit === null
      ? `${data.by} took the budget of ${budget(data)} away.`
      : `${data.by} set the budget of ${budget(data)} to ${data.unit === 'tokens' ? counted(data.limit, 'token') : `$${(data.limit / 1e9).toFixed(2)}`}.`,
  CoverageMeasured: ({ data }) => {
    const whole = headlineOf(data);
    const part = whole
      ? `${percentOf(whole)} % of ${counted(whole.total, data.lines ? 'line' : 'statement')}`
      : 'some code';
    return `The tests ran ${part} in ${counted(data.file_count, 'file')}.`;
  },
  FarmRecovered: ({ data }) => `The farm is well again: ${cut(data.reason)}.`,
  FarmTroubled: ({ data }) => `The farm is in trouble: ${cut(data.reason)}.`,
  FindingAssigned: ({ data }) =>
    data.assignee === null
      ? `${data.by} took it from ${cut(data.before ?? 'nobody')}.`
      : `${data.by} gave it to ${cut(data.assignee)}.`,
  FindingDetected: ({ data: { finding, recipe } }) =>
    `${finding.tool} reported ${cut(finding.code ?? finding.kind)} (${finding.severity})${placeOf(finding.file, finding.line)}, new in a ${recipe} run: ${cut(finding.message)}`,
  FindingReopened: ({ data }) => `The finding was seen again by job ${data.job_id}, and is open once more.`,
  FindingResolved: ({ data }) => `The finding is gone, proven by job ${data.job_id}: ${cut(data.reason)}.`,
  FindingSuppressed: ({ data }) =>
    `${data.by} decided to live with it${data.until === null ? '' : ` until ${data.until}`}: ${cut(data.reason)}`,
  FindingUnwatched: ({ data }) => `Nobody looks for the finding any more: ${cut(data.reason)}.`,
  FindingUnsuppressed: ({ data }) =>
    `${data.by} took the suppression back${data.reason === '' ? '' : `: ${cut(data.reason)}`}.`,
  FindingsObserved: ({ data }) =>
    `Part ${data.part} of ${data.parts} of what the log shows: ${counted(data.occurrences.length, 'occurrence')}.`,
  FindingsParsed: ({ data }) =>
    `The log was read: ${counted(data.total, 'finding')}, ${data.new} new, ${data.resolved} gone${data.not_observed === null ? '' : `; nothing could be closed because ${cut(data.not_observed)}`}.`,
  ForgeCredentialAccepted: ({ data }) => `The credential for ${cut(data.repository)} is taken again: attempts go on.`,
  ForgeCredentialRefused: ({ data }) =>
    `The credential of the ${data.used} for ${cut(data.repository)} is not taken, so attempts wait: ${cut(data.detail)}`,
  ForgeAccessChecked: ({ data }) =>
    data.can_push
      ? `The forge says that the credential of ${data.project} may push to ${data.repository}.`
      : `The forge was asked whether the credential of ${data.project} may push to ${data.repository}: ${cut(data.detail ?? 'no')}.`,
  ForgeEventReceived: ({ data }) =>
    `${data.forge} told of a ${data.kind} event${data.action === null ? '' : ` (${cut(data.action)})`} in ${cut(data.repository ?? 'an unnamed repository')}.`,
  ForgeWriteRefused: ({ data }) => `A write to the forge was refused here: ${data.operation}, ${cut(data.reason)}.`,
  FilterRemoved: ({ data }) =>
    `${data.by} removed the saved filter “${data.name}” of ${data.person ?? `the team ${data.team}`}.`,
  FilterSaved: ({ data }) =>
    `${data.by} saved the filter “${data.name}” for ${data.person ?? `the team ${data.team}`}.`,
  GrantAdded: ({ data }) =>
    `${data.by} let projects of ${data.team} use the farm's forge token for ${data.repositories}.`,
  GrantRemoved: ({ data }) =>
    `${data.by} took the farm's forge token for ${data.repositories} from projects of ${data.team}.`,
  IssueClaimed: ({ data }) =>
    `Round ${data.round} of the issue began, from ${short(data.base.sha)} of ${cut(data.base.branch)}.`,
  IssueTargeted: ({ data }) =>
    `${cut(data.by)} asked the agent ${data.agent} to ${data.verb} issue ${data.issue} of ${cut(data.repository)}, by ${data.trigger}: ${cut(data.because)}.`,
  IssueUntargeted: ({ data }) => `The issue asks for no agent any more: ${data.reason}.`,
  JobCancelRequested: ({ data }) => `${data.by} asked for the job to end.`,
  JobEnqueued: ({ data }) => enqueued(data),
  LogRereadRequested: ({ data }) => `${data.by} asked for the stored log to be read again (reading ${data.reading}).`,
  PatchAbandoned: failed('The attempt was given up'),
  PatchApplyFailed: failed('The draft does not fit the tree'),
  PatchApprovalDeclined: ({ data }) =>
    `${data.by} does not want the diff pushed${data.reason === '' ? '' : `: ${cut(data.reason)}`}.`,
  PatchApprovalExpired: () => 'Nobody approved the diff in time.',
  PatchApprovalRequested: ({ data }) =>
    `A person is asked to approve the diff ${data.digest.slice(0, 12)} by ${data.expires_at}: ${cut(data.title)}`,
  PatchApproved: ({ data }) =>
    `${data.by} approved the diff ${data.digest.slice(0, 12)}${data.reason === '' ? '' : `: ${cut(data.reason)}`}.`,
  PatchDeclined: failed('No method had anything to offer'),
  PatchDrafted: ({ data }) =>
    `The method ${data.method} drafted a diff of ${counted(data.files.length, 'file')} in try ${data.turn}.`,
  PatchReconsidered: ({ data }) => `${data.by} lifted the refusal${data.reason === '' ? '' : `: ${cut(data.reason)}`}.`,
  PatchRefreshRequested: ({ data }) =>
    `The pull request conflicts, so it is drafted once more on ${short(data.base.sha)}.`,
  PatchRefused: failed('The policy forbids what was drafted'),
  PatchRequested: ({ data }) =>
    `${data.by} began attempt ${data.attempt_number} to mend finding ${data.finding_id}${data.members.length > 1 ? ` and ${data.members.length - 1} more` : ''}, as job ${data.job_id} saw it.`,
  PatchSentBack: ({ data }) =>
    `Try ${data.turn} by ${data.method} was sent back at the step ${data.step}: ${data.reason}, ${cut(data.detail)}.`,
  PatchSessionClosed: () => 'The conversation with the agent ended.',
  PatchSessionOpened: ({ data }) => `A conversation with an agent was opened (${data.adapter}).`,
  PatchStopped: ({ data }) => `${data.by} stopped the attempt${data.reason === '' ? '' : `: ${cut(data.reason)}`}.`,
  PatchTurnStarted: ({ data }) => `The agent was asked for the ${data.turn}. time.`,
  PatchVerified: ({ data: { evidence } }) =>
    `Job ${evidence.after_job} proved the draft: ${counted(evidence.gone.length, 'finding')} gone, ${evidence.appeared.length} new.`,
  PatchVerifyFailed: failed('The patched tree is not better'),
  PatchingPaused: ({ data }) => `${data.by} paused the patch loop${data.reason === '' ? '' : `: ${cut(data.reason)}`}.`,
  PatchingResumed: ({ data }) => `${data.by} let the patch loop go on.`,
  PrClosed: ({ data }) => `People closed ${pull(data)} without merging it.`,
  PrCommented: ({ data }) => `People have said ${counted(data.comments, 'thing')} about ${pull(data)} by now.`,
  PrConflicted: ({ data }) => `The ${pull(data)} conflicts with its base branch.`,
  PrMerged: ({ data }) => `People merged ${pull(data)} as ${short(data.commit)}.`,
  PrOpened: ({ data }) => `The ${pull(data)} was opened: ${cut(data.title)}`,
  PrSuperseded: ({ data }) => `The ${pull(data)} is closed by the farm: ${cut(data.reason)}`,
  PrUpdated: ({ data }) => `The ${pull(data)} shows new content: ${cut(data.title)}`,
  ProjectHandedOver: ({ data }) => `The project ${data.name} went from ${data.from} to ${data.to}.`,
  ProjectOfferWithdrawn: ({ data }) => `${data.by} withdrew the offer of the project ${data.name}.`,
  ProjectOffered: ({ data }) => `${data.by} offered the project ${data.name} to ${data.to}.`,
  ProjectRegistered: ({ data }) => `The project ${data.name} was registered for ${data.owner}.`,
  ProjectRemoved: ({ data }) => `The project ${data.name} was removed.`,
  ProjectRenamed: ({ data: { name, from, to, by } }) =>
    `${by} renamed the project ${from} to ${to}${from === name ? '' : ` (${name} in the log)`}.`,
  RecipeRolloutDecided: ({ data }) => rolloutWords(data),
  RecipeSetFetched: ({ data }) =>
    `Version ${short(data.sha)} of the recipe set ${data.source} was read: ${counted(data.documents.length, 'document')}.`,
  RecipeSetNotTaken: ({ data }) =>
    `The recipes of ${data.name} stay as they were: ${data.source} at ${short(data.sha)} cannot be taken. ${cut(faultWords(data.faults))}`,
  RecipeSetRefused: ({ data }) =>
    `Version ${short(data.sha)} of the recipe set ${data.source} cannot be taken. ${cut(faultWords(data.faults))}`,
  RecipeSourceRemoved: ({ data }) => `${data.by} removed the recipe source ${data.source}.`,
  RecipeSourceSeen: ({ data }) =>
    data.trouble
      ? `The recipe source ${data.source} cannot be read: ${cut(data.trouble.detail)}`
      : `${cut(data.ref)} of the recipe source ${data.source} stands at ${short(data.sha)}.`,
  RecipeSourceSet: ({ data }) =>
    `${data.by} made ${cut(data.git_url)} the recipe source ${data.source}, at ${cut(data.ref)}.`,
  RepositoryRecipesRefused: ({ data }) =>
    `The recipes of ${data.name} stay as they were: ${recipesFile} of ${short(data.sha)} cannot be taken. ${cut(faultWords(data.faults))}`,
  RepositoryRecipesUnread: ({ data: { name, branch, trouble } }) =>
    trouble === null
      ? `Branch ${cut(branch)} of ${name} can be read again.`
      : `The recipes of ${name} stay as they were: ${cut(branch)} cannot be read. ${cut(trouble.detail)}`,
  ProjectUpdated: ({ data }) =>
    `${data.recipes_commit ? `The document of the project ${data.name} was replaced; its recipes are those of the commit ${short(data.recipes_commit)}.` : `The document of the project ${data.name} was replaced.`}${(data.moved ?? []).map(({ from, to }) => ` The findings of ${cut(from)} go on as those of ${cut(to)}.`).join('')}`,
  LogCheckpointed: ({ data }) =>
    `The log was vouched for from event ${data.first} to ${data.last} (${data.occasion}): its head is ${data.head.slice(0, 16)}.`,
  ProofStated: ({ data }) =>
    `What was proven is stated, signed with the key ${data.key_id.slice(0, 16)}: sha256 ${data.digest}.`,
  RecipeExited: ({ data }) => exited(data),
  RecipeStarted: ({ data }) => `Runner ${data.runner} took the job (${data.containment}).`,
  ReviewAnswered: ({ data }) => `${counted(data.comments.length, 'comment')} of the review were answered.`,
  ReviewCommented: ({ data }) => `People said ${counted(data.comments.length, 'thing')} about the pull request.`,
  ScheduleFired: ({ data }) =>
    `The schedule of ${data.recipe} was used for ${data.slot}: ${scheduled[data.why]}; it asks for ${counted(data.jobs.length, 'job')}.`,
  SecretKeyRotated: ({ data }) => `Everything sealed got another key: ${counted(data.resealed, 'secret')}.`,
  SecretRemoved: ({ data }) => `${data.by} removed the secret ${data.name} of ${whose(data)}.`,
  SecretSet: ({ data }) => `${data.by} set the secret ${data.name} of ${whose(data)}.`,
  SigningKeyAdded: ({ data }) => `${data.by} gave the farm another key to sign with: ${data.key_id.slice(0, 16)}.`,
  TeamCreated: ({ data }) => `${data.by} made the team ${data.team}.`,
  TeamRemoved: ({ data }) => `${data.by} removed the team ${data.team}.`,
  TestsMeasured: ({ data }) =>
    `Of ${counted(data.executed, 'test')} ${data.passed} passed and ${data.failed} failed; ${data.skipped} were skipped, ${data.flaky} failed first and passed then.`,
  TokenChanged: ({ data }) =>
    `${data.by} made the bearer ${data.name} a ${data.role} of ${data.team} for ${data.scopes.join(', ')}.`,
  TokenMinted: ({ data }) =>
    data.is_admin
      ? `The admin bearer ${data.name} was minted.`
      : `The bearer ${data.name} was minted as ${data.role} of ${data.team} for ${data.scopes.join(', ')}.`,
  TokenRevoked: ({ data }) => `The bearer ${data.name} was revoked.`,
  TokenRotated: ({ data }) => `${data.by} gave ${data.name} another bearer.`,
  WorkCommanded: ({ data }) =>
    `${cut(data.by)} wrote /crafting-table ${data.verb ?? 'something'}${data.refused === null ? '' : `, and nothing came of it: ${cut(data.refused)}`}.`,
  WorkEnded: ({ data }) => `Round ${data.round} is over (${data.outcome}): ${cut(data.detail)}`,
  WorkProposed: ({ data }) => `What bottle ${data.bottle_id} left is proposed as attempt ${data.patch_id}.`,
  WorkResumed: ({ data }) => `${data.by} wants its agent to go on: ${cut(data.instructions)}`,
  WorkStatusPosted: ({ data }) => `Comment ${data.comment_id} on the issue says how it stands.`,
  WorkTurnAsked: ({ data }) =>
    `Bottle ${data.bottle_id} is turn ${data.turn} of round ${data.round} (${data.why}), from ${short(data.base_sha)}.`,
  WorkspacePrepared: ({ data }) => `A clean work tree stands at ${short(data.sha)}.`,
};

const budget = ({ level, of, per }: { level: string; of: string; per: string }) =>
  `${level === 'farm' ? 'the farm' : `the ${level} ${cut(of)}`} a ${per}`;

/** By whom, or by what, and why. */
function stopped({ data: { why, detail, by } }: Recorded<'AgentCutOff' | 'AgentFrozen' | 'AgentKilled'>): string {
  const cause = { budget: 'by a budget', circle: 'because it went in a circle', asked: `as ${by ?? 'somebody'} asked` };
  return `, ${cause[why]}${detail === '' ? '.' : `: ${cut(detail)}`}`;
}

function whose({ layer, of }: { layer: string; of: string | null }): string {
  return of === null ? 'the farm' : `the ${layer} ${of}`;
}

function enqueued(data: Recorded<'JobEnqueued'>['data']): string {
  const what = `${data.recipe} of ${cut(data.subproject)} on ${cut(data.branch)}`;
  if (data.patch) return `A ${data.patch.stage} run of ${what} was asked for, for attempt ${data.patch.patch_id}.`;
  const again = data.rerun_of === null ? '' : `, again after job ${data.rerun_of}`;
  return `${data.requested_by} asked for ${what}${again} (${data.purpose}).`;
}

function exited({ reason, exit_code, signal, detail, sha }: Recorded<'RecipeExited'>['data']): string {
  const how = reason === 'exited' ? `with exit code ${exit_code ?? 'unknown'}` : `by ${reason}`;
  const more = [signal, detail].filter((one) => one !== null).map((one) => cut(one));
  return `The recipe ended ${how} at ${short(sha)}${more.length > 0 ? `: ${more.join(', ')}` : ''}.`;
}

/** One plain sentence about an event. */
export function sentenceOf(event: Recorded): string {
  const say = words[event.type] as ((event: Recorded) => string) | undefined;
  return say?.(event) ?? `${event.type} was recorded.`;
}
