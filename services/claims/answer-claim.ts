import { createCurve } from '@nats-io/nkeys';
import type { TObject } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';
import type { EventData } from '../../events/registry.ts';
import { halfPair, strangeText } from '../../events/strange-text.ts';
import { AppError, isAppError } from '../floor/app-error.ts';
import { type ClaimAnswers, type ClaimAsked, type ClaimVerb, claimVerbs } from '../jobs/claim-protocol.ts';
import { type FoundSecret, secretsInLog } from '../jobs/find-secrets.ts';
import type { JobKeeper } from '../jobs/keep-jobs.ts';
import type { OpenJob } from '../jobs/rules/job-queue.ts';
import { canHold } from '../jobs/rules/plan-confinement.ts';
import { isLetIn, refusalOf } from '../jobs/rules/secret-rules.ts';
import { missingLabels } from '../jobs/rules/waiting-for.ts';
import { claimJob } from '../runner/claim-job.ts';
import type { ClaimsDeps } from './claim-deps.ts';
import { heldJob } from './job-holder.ts';

type ClaimDeps = ClaimsDeps & { readonly runner: string; readonly keeper: JobKeeper; readonly version: string };

type Answering<V extends ClaimVerb> = (asked: ClaimAsked<V>, deps: ClaimDeps) => Promise<ClaimAnswers[V]>;

const answers: { readonly [V in ClaimVerb]: Answering<V> } = { beat, next, tell, secret, secrets, draft };
const checks = new Map<ClaimVerb, TypeCheck<TObject>>();

/** Answers one request of a runner. Throws AppError; UnopenableEvent for a fact that does not fit its schema. */
export async function answerClaim(verb: string, body: Uint8Array, deps: ClaimDeps): Promise<unknown> {
  if (!isVerb(verb)) throw new AppError('invalid', 'This is nothing that a runner says.');
  let asked: unknown;
  try {
    asked = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new AppError('invalid', `The body of ${verb} is not JSON.`);
  }
  const [strange] = strangeText(asked, '', halfPair);
  if (strange) throw new AppError('invalid', `${verb}${strange.path}: ${strange.message}`);
  const check = checks.get(verb) ?? TypeCompiler.Compile(claimVerbs[verb] as TObject);
  checks.set(verb, check);
  if (!check.Check(asked)) {
    const fault = check.Errors(asked).First();
    throw new AppError('invalid', `${verb}${fault?.path ?? ''}: ${fault?.message ?? 'does not fit'}`);
  }
  return (answers[verb] as (asked: unknown, deps: ClaimDeps) => Promise<unknown>)(asked, deps);
}

function isVerb(word: string): word is ClaimVerb {
  return Object.hasOwn(claimVerbs, word);
}

async function beat({ lease, facts, running }: ClaimAsked<'beat'>, deps: ClaimDeps): Promise<ClaimAnswers['beat']> {
  const { runner, keeper, leases, version } = deps;
  await leases.put(runner, JSON.stringify({ ...facts, runner, lease, claims: true }));
  const stop: ClaimAnswers['beat']['stop'] = [];
  for (const job_id of running) {
    if (keeper.queue.get(job_id)?.cancelRequested) stop.push({ job_id, reason: 'cancelled' });
    else if (!(await isHeld(job_id, lease, deps))) stop.push({ job_id, reason: 'lost' });
  }
  return { version, stop };
}

async function isHeld(jobId: string, lease: string, deps: ClaimDeps): Promise<boolean> {
  try {
    await heldJob(jobId, { runner: deps.runner, lease }, deps);
    return true;
  } catch (error) {
    if (isAppError(error, 'conflict') || isAppError(error, 'not_found')) return false;
    throw error;
  }
}

async function next(asked: ClaimAsked<'next'>, deps: ClaimDeps): Promise<ClaimAnswers['next']> {
  const { lease, containment, sandbox, running } = asked;
  const { runner, keeper, log } = deps;
  const orderOf = ({ seq, eventId, correlationId, data, startedAt }: OpenJob) => ({
    order: { seq, eventId, correlationId, data, startedAt: startedAt ?? new Date(deps.clock.now()).toISOString() },
  });
  // A job whose order was lost on its way is given again.
  for (const job of keeper.queue.open())
    if (job.state === 'running' && job.runner === runner && job.lease === lease && !running.includes(job.data.job_id))
      return orderOf(job);
  const job = keeper.queue.next((one) => isFor(one, asked, deps));
  if (!job) return { order: null };
  keeper.queue.take(job.data.job_id);
  try {
    if (await claimJob(job, { log, runner, lease, containment, sandbox })) return orderOf(job);
    return { order: null };
  } catch (error) {
    keeper.queue.giveBack(job.data.job_id);
    throw error;
  }
}

/** A job that no sandbox can hold is refused in the open by the runner that takes it. Another one may be able to hold it. */
function isFor({ data }: OpenJob, { labels, sandbox }: ClaimAsked<'next'>, { keeper, runner }: ClaimDeps): boolean {
  const { needs } = data.snapshot.subproject;
  // A bottle needs the log and the gateway, which no runner with a credential of its own reaches.
  if (data.purpose === 'agent' || missingLabels(needs, new Set(labels)).length > 0) return false;
  if (canHold(data, sandbox)) return true;
  const able = (one: { sandbox: typeof sandbox; labels: readonly string[]; draining: boolean }) =>
    !one.draining && canHold(data, one.sandbox) && missingLabels(needs, new Set(one.labels)).length === 0;
  return !keeper.leases.others(runner).some(able);
}

async function tell(asked: ClaimAsked<'tell'>, deps: ClaimDeps): Promise<ClaimAnswers['tell']> {
  const { type, job_id, lease, once } = asked;
  const { log, logs, runner } = deps;
  const job = await heldJob(job_id, { runner, lease }, deps);
  const cause = { eventId: job.eventId, correlationId: job.correlationId, consumer: 'runner', ordinal: once };
  const data = { ...asked.data, job_id, project: job.data.project };
  if (type === 'WorkspacePrepared') {
    const draft = { type, id: job_id, data: data as EventData<'WorkspacePrepared'> };
    return { seq: (await log.append(draft, { expect: 0, cause, durable: false })).seq };
  }
  const end = data as EventData<'RecipeExited'>;
  const last = await logs.lastSeq(job_id);
  if (!(Number(end.log_last_seq) <= last))
    throw new AppError('invalid', `The log of the job ends at ${last}, not at ${end.log_last_seq}.`);
  try {
    return { seq: (await log.append({ type, id: job_id, data: end }, { expect: 0, cause })).seq };
  } catch (error) {
    if (!isAppError(error, 'conflict')) throw error;
    const there = await log.last('RecipeExited', job_id);
    throw new AppError('conflict', 'The job has ended.', { cause: there?.seq });
  }
}

/** Sealed to a key that the runner made for this one answer: neither the farm's key nor any other secret leaves us. */
async function secret({ lease, job_id, ref, key }: ClaimAsked<'secret'>, deps: ClaimDeps) {
  const { data } = await heldJob(job_id, { runner: deps.runner, lease }, deps);
  if (!/^[0-9a-z]{26}$/.test(ref) || !(await mayHave(data, ref, deps)))
    throw new AppError('not_found', 'The job names no such secret.');
  const plain = await deps.vault.get(ref);
  const pair = createCurve();
  try {
    const sealed = pair.seal(Buffer.from(plain), key);
    return { sealed: Buffer.from(sealed).toString('base64'), from: pair.getPublicKey() };
  } catch {
    throw new AppError('invalid', 'The key is not one to seal to.');
  } finally {
    pair.clear();
  }
}

/** The credential of its repository, and what its recipe names and may have. */
async function mayHave(data: OpenJob['data'], ref: string, deps: ClaimDeps): Promise<boolean> {
  return data.credential_ref === ref || (await letIn(data, deps)).some(({ value_ref }) => value_ref === ref);
}

async function letIn(data: OpenJob['data'], { log }: ClaimDeps): Promise<FoundSecret[]> {
  if (refusalOf(data) !== null) return [];
  return (await secretsInLog(log)(data)).filter(({ branches }) => isLetIn(branches, data));
}

/** What may not be let in is named all the same, so that the job's log says why; its value is not given. */
async function secrets({ lease, job_id }: ClaimAsked<'secrets'>, deps: ClaimDeps): Promise<ClaimAnswers['secrets']> {
  const { data } = await heldJob(job_id, { runner: deps.runner, lease }, deps);
  return { found: await secretsInLog(deps.log)(data) };
}

async function draft({ lease, job_id, seq }: ClaimAsked<'draft'>, deps: ClaimDeps): Promise<ClaimAnswers['draft']> {
  const { data } = await heldJob(job_id, { runner: deps.runner, lease }, deps);
  const drafted = data.patch?.drafted_seq === seq ? await deps.log.at(seq) : null;
  if (drafted?.type !== 'PatchDrafted' || drafted.data.patch_id !== data.patch?.patch_id)
    throw new AppError('not_found', 'The job proves no such draft.');
  return { patch_id: drafted.data.patch_id, diff: drafted.data.diff };
}
