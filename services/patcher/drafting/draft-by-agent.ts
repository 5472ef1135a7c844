import type { PatchCost } from '../../../events/patches/patch.ts';
import type { Change } from '../../floor/changed-file.ts';
import { forgeSecrets } from '../../floor/forges/forge-instances.ts';
import { redactorOf } from '../../floor/text/redactor.ts';
import type { AgentReply } from '../../io/agent/agent.ts';
import { remoteOf } from '../attempt-steps.ts';
import { jobOf } from '../proving/proof-runs.ts';
import { readTexts } from '../read-texts.ts';
import { applyEdits } from '../rules/agent/agent-edits.ts';
import { feedbackPrompt, firstPrompt, type PromptSource } from '../rules/agent/agent-prompt.ts';
import { readReply } from '../rules/agent/agent-reply.ts';
import { manifestNames } from '../rules/bump/manifest-names.ts';
import { maxAgentTurns, type TurnFailed } from '../rules/drafting/next-turn.ts';
import { noCost } from '../rules/drafting/turn-cost.ts';
import { askAgent } from './agent-session.ts';
import type { Drafted, Drafting } from './drafting.ts';

const problemOf = { apply: 'apply', policy: 'policy', verify: 'verify' } as const;
const logTail = 1024 * 1024;

/** Asks the agent: at first with all that is known, later with what exactly was wrong with its last answer. */
export async function draftByAgent(drafting: Drafting): Promise<Drafted> {
  const { patch, turn, deps } = drafting;
  const { agent } = deps;
  if (!agent) return failed({ step: 'agent', reason: 'agent_missing', detail: missing(drafting) });
  const tries = patch.sent_back.filter(({ method }) => method === 'agent');
  const redact = await redactionFor(drafting);
  const opening = firstPrompt(await factsOf(drafting, redact));
  const last = tries.at(-1);
  const question = { turn, opening, feedback: feedbackOn(tries, redact), wasLost: last !== undefined && isLost(last) };
  const asked = await askAgent(question, agent, drafting);
  if ('taken' in asked) return { kind: 'later' };
  if ('failed' in asked) return failed(asked.failed, { ...noCost, turns: 1 });
  const { reply } = asked;
  const cost = costOf(reply);
  const answer = readReply(reply.text);
  if (!answer.ok) return failed({ step: 'agent', reason: 'reply_unreadable', detail: answer.reason }, cost);
  if ('declined' in answer) return failed({ step: 'agent', reason: 'declined', detail: answer.declined }, cost);
  const change = await changeOf(answer.change, drafting);
  if ('reason' in change) return failed({ step: 'apply', reason: 'does_not_apply', detail: change.reason }, cost);
  return {
    kind: 'change',
    change,
    targets: drafting.findings.map(({ identity }) => identity),
    explanation: redact(answer.explanation),
    confidence: answer.confidence,
    cost,
  };
}

const failed = (why: TurnFailed, cost: PatchCost = noCost): Drafted => ({ kind: 'failed', ...why, cost });

function missing({ deps }: Drafting): string {
  return `${deps.config.patcher.missingForAgent.join(', ')} missing.`;
}

function costOf({ durationMs, inputTokens, outputTokens, usd }: AgentReply): PatchCost {
  const duration_ms = Math.round(durationMs);
  return { turns: 1, duration_ms, input_tokens: inputTokens, output_tokens: outputTokens, usd };
}

type Try = { readonly step: string; readonly reason: string; readonly detail: string };

const isLost = ({ step, reason }: Try) => step === 'agent' && reason !== 'reply_unreadable';

/** What was wrong with the last answer that came; that one was lost says only that it is asked for again. */
function feedbackOn(tries: readonly Try[], redact: (text: string) => string): string | null {
  const last = tries.findLast((one) => !isLost(one)) ?? tries.at(-1);
  if (!last) return null;
  const common = { turnsLeft: maxAgentTurns - tries.length, sources: [], redact };
  if (last.step !== 'agent')
    return feedbackPrompt({
      ...common,
      problem: problemOf[last.step as keyof typeof problemOf] ?? 'apply',
      error: last.detail,
    });
  if (last.reason === 'reply_unreadable') return feedbackPrompt({ ...common, problem: 'reply', error: last.detail });
  return feedbackPrompt({ ...common, problem: 'lost', error: '' });
}

async function factsOf(drafting: Drafting, redact: (text: string) => string) {
  const { patch, deps, findings } = drafting;
  const paths = [...new Set(findings.flatMap(({ file }) => file ?? []))];
  const job = jobOf(patch.job_id, deps);
  const manifests = findings.some(({ kind }) => kind === 'cve') ? manifestNames([patch.subproject, ...paths]) : [];
  const isTest = findings.some(({ kind }) => kind === 'test_fail');
  return {
    project: patch.project,
    subproject: patch.subproject,
    language: job?.language ?? 'generic',
    recipe: patch.recipe,
    command: job?.command ?? '',
    findings,
    sources: sources(await readTexts(paths, drafting)),
    manifests: sources(await readTexts(manifests, drafting)),
    log: isTest ? await tailOf(patch.job_id, drafting) : null,
    paths: [],
    rules: [],
    redact,
  };
}

function sources(texts: ReadonlyMap<string, string>): PromptSource[] {
  return [...texts].map(([path, text]) => ({ path, text, firstLine: 1, whole: true }));
}

async function tailOf(jobId: string, { deps }: Drafting): Promise<string> {
  let tail = '';
  await deps.logs.read(jobId, {}, ({ bytes }) => {
    tail = (tail + Buffer.from(bytes).toString('utf8')).slice(-logTail);
  });
  return tail;
}

/** No secret of ours or of the project is ever in a prompt, or in what is kept of an answer. */
export async function redactionFor({ patch, deps }: Drafting): Promise<(text: string) => string> {
  const { credential } = await remoteOf(patch, deps);
  const secrets = [
    credential?.password,
    ...forgeSecrets(deps.config.patcher.forge),
    deps.config.patcher.clawdforge?.token,
  ];
  return redactorOf(secrets.flatMap((secret) => secret ?? [])).text;
}

type Answered =
  | { readonly kind: 'edits'; readonly edits: readonly { file: string; search: string; replace: string }[] }
  | { readonly kind: 'diff'; readonly diff: string };

async function changeOf(change: Answered, drafting: Drafting): Promise<Change | { readonly reason: string }> {
  if (change.kind === 'diff') return { form: 'diff', diff: change.diff };
  const paths = change.edits.map(({ file }) => file);
  const contents = await readTexts(paths, drafting);
  const unread = await unreadable(paths, contents, drafting);
  if (unread) return { reason: `${unread} is there and is no text that can be edited.` };
  const applied = applyEdits(change.edits, contents);
  return applied.ok ? { form: 'files', files: applied.files } : { reason: applied.reason };
}

/** A file that exists and was not read must not be taken for one that is to be made. */
async function unreadable(paths: readonly string[], contents: ReadonlyMap<string, string>, { patch, deps }: Drafting) {
  const missing = paths.filter((path) => !contents.has(path));
  if (missing.length === 0) return undefined;
  const blobs = await deps.workspaces.readBlobs(await remoteOf(patch, deps), patch.base.sha, missing);
  return missing.find((path) => blobs.has(path));
}
