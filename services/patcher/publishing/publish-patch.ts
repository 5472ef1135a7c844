import type { PatchDoc } from '../../../projections/patches/patch-document.ts';
import { AppError, isAppError } from '../../floor/app-error.ts';
import { escapedLines } from '../../floor/text/escape-text.ts';
import type { PullRequest } from '../../io/forge/forge.ts';
import { scopedForge } from '../../io/forge/scoped-forge.ts';
import { provenGrant } from '../../projects/forge-access.ts';
import { end, idOf, lastSeq, type PatcherDeps, record, remoteOf, type Step } from '../attempt-steps.ts';
import { isForgeWait, untilForgeTakes } from '../forge-wait.ts';
import { objectionTo } from '../gate/patch-gate.ts';
import { isCredentialRefused } from '../hold-project.ts';
import { stateProof } from '../proving/state-proof.ts';
import { readTexts } from '../read-texts.ts';
import { codeOwnersOf, codeOwnersPaths } from '../rules/pull-request/asked-reviewers.ts';
import { pullRequestText } from '../rules/pull-request/pull-request-text.ts';
import { isApproved } from './ask-approval.ts';
import { pullRequestFacts } from './pull-request-facts.ts';

const lasting = new Set(['unauthorized', 'forbidden', 'invalid', 'not_found', 'too_large']);

/** Does something outside. What will not get better by waiting ends the attempt; the rest is tried until it is taken. */
async function outside(at: 'push' | 'forge', step: Step, work: () => Promise<void>): Promise<void> {
  try {
    await untilForgeTakes(work);
  } catch (error) {
    if (!isAppError(error) || isForgeWait(error) || isCredentialRefused(error)) throw error;
    // A remote that does not take the credential is no better tomorrow.
    const reason = error.reason === 'git_unauthorized' ? 'unauthorized' : error.code;
    if (!lasting.has(reason)) throw error;
    if (error.reason === 'no_grant') return end({ step: at, reason: 'no_grant', detail: error.message }, step);
    await end({ step: at, reason, detail: error.message }, step);
  }
}

/** What was only to be proven is stated of the commit that would have been pushed: it follows from base and draft. */
export async function stateUnpushed(step: Step): Promise<void> {
  const { patch, deps } = step;
  const diff = deps.models.query().patches.diff(patch.id);
  if (!patch.verify_only || patch.status !== 'proven' || diff === null) return;
  const { title } = pullRequestText(await pullRequestFacts(patch, deps));
  await stateProof(await commitOf({ diff, title, remote: await remoteOf(patch, deps) }, step), step);
}

/** Puts a proven patch on its branch. The commit follows from the draft, so doing it again changes nothing. */
export async function pushPatch(step: Step): Promise<void> {
  await outside('push', step, async () => {
    const { patch, deps } = step;
    const { patches } = deps.models.query();
    const diff = patches.diff(patch.id);
    if (!patch.open || diff === null || patch.method === null || patch.drafted_at === null) return;
    if (patch.seqs.pushed > patch.seqs.verified) return;
    if (patch.taken_over !== null) {
      await takenOver(patch.taken_over, step);
      return;
    }
    await mayWrite(step);
    const facts = await pullRequestFacts(patch, deps);
    const { title } = pullRequestText(facts);
    if (!(await isApproved(diff, title, step))) return;
    const remote = await remoteOf(patch, deps);
    const made = await deps.workspaces.changeTree(remote, patch.base.sha, { form: 'diff', diff });
    const again = made.ok
      ? await objectionTo(made.patch, { method: patch.method, owned: ownedBy(patch) }, step)
      : { step: 'apply' as const, reason: 'does_not_apply', detail: made.reason };
    if (again) {
      await end(again, step);
      return;
    }
    const commit = await commitOf({ diff, title, remote }, step);
    await stateProof(commit, step);
    await deps.log.flush();
    // Removed with its project meanwhile, or closed: nothing goes out in its name any more.
    if (!patches.find(patch.id)?.doc.open) return;
    const found = await pushOver({ remote, commit, patch, deps });
    if (found !== undefined) {
      await takenOver(found, step);
      return;
    }
    const data = { ...idOf(patch), branch: patch.branch, commit, base_sha: patch.base.sha, replaces: patch.commit };
    await record({ type: 'BranchPushed', id: patch.id, data }, patch.seqs.pushed, step);
  });
}

type Committed = {
  readonly diff: string;
  readonly title: string;
  readonly remote: Awaited<ReturnType<typeof remoteOf>>;
};

async function commitOf({ diff, title, remote }: Committed, { patch, deps }: Step): Promise<string> {
  return deps.workspaces.commitPatch({
    remote,
    baseSha: patch.base.sha,
    diff,
    message: commitMessage(patch, title, deps),
    author: deps.config.patcher.author,
    time: patch.drafted_at ?? patch.requested_at,
  });
}

/** A grant may have gone since the attempt began. Throws AppError('forbidden') `no_grant`. */
async function mayWrite({ patch, deps }: Step): Promise<void> {
  const project = deps.models.query().projects.find(patch.project);
  const grant = project && patch.forge !== 'none' ? await provenGrant(project, deps) : null;
  if (grant && !grant.granted) throw new AppError('forbidden', grant.reason, { name: 'no_grant' });
}

/** A method that owns lock files changed nothing else: they are what it was allowed to touch when it was judged first. */
function ownedBy({ method, files }: PatchDoc): string[] | undefined {
  return method === 'bump' ? files.map(({ path }) => path) : undefined;
}

type Pushing = { remote: Awaited<ReturnType<typeof remoteOf>>; commit: string; patch: PatchDoc; deps: PatcherDeps };

/** Replaces only what the loop itself has pushed there. Answers what somebody else has put there, else undefined. */
async function pushOver({ remote, commit, patch, deps }: Pushing): Promise<string | null | undefined> {
  const ours = new Set([patch.commit, commit]);
  const earlier = deps.models.query().patches.ofBranch(patch.project, patch.branch);
  for (const one of earlier) ours.add(one.commit);
  let expect = patch.commit;
  for (let left = 3; left > 0; left -= 1) {
    const never = [patch.base.branch];
    const result = await deps.workspaces.push({ remote, commit, branch: patch.branch, expect, never });
    if (result.pushed) return undefined;
    if (result.found !== null && !ours.has(result.found)) return result.found;
    expect = result.found;
  }
  throw new AppError('unavailable', 'The branch moves while it is pushed.');
}

async function takenOver(found: string | null, step: Step): Promise<void> {
  const { patch } = step;
  if (found !== null)
    await record(
      { type: 'BranchTakenOver', id: patch.id, data: { ...idOf(patch), branch: patch.branch, commit: found } },
      0,
      step,
    );
  const detail = `Somebody else has pushed ${found ?? 'nothing'} to ${patch.branch}; it is left alone.`;
  await end({ step: 'push', reason: 'branch_taken', detail }, step);
}

function commitMessage(patch: PatchDoc, title: string, { config }: PatcherDeps): string {
  const { name, email } = config.patcher.author;
  const trailers = [
    patch.bottle ? `Bottle: ${patch.bottle.bottle_id}` : `Finding: ${patch.finding_id} ${patch.identity}`,
    `Job: ${patch.job_id}`,
    `Patch: ${patch.id}`,
    ...(patch.approval?.answer === 'approved' ? [`Approved-by: ${patch.approval.by}`] : []),
    `Signed-off-by: ${name} <${email}>`,
  ];
  return `${title}\n\n${escapedLines(patch.explanation ?? '', 4000)}\n\n${trailers.join('\n')}\n`;
}

/** Asks people to look at it: one pull request for the attempt's whole life, whose text follows what was pushed last. */
export async function openPullRequest(step: Step): Promise<void> {
  const { patch, deps } = step;
  if (!patch.open || patch.forge === 'none' || patch.repository === null) return;
  // What was pushed is shown already, and this is a repetition.
  if (patch.seqs.pr > patch.seqs.pushed) return;
  await outside('forge', step, async () => {
    await mayWrite(step);
    const forge = deps.openForge(patch);
    if (!forge) throw new AppError('invalid', `The forge of ${patch.repository} is not configured here any more.`);
    const scope = { branch: patch.branch, base: patch.base.branch, number: patch.pr_number };
    const scoped = scopedForge(forge, scope, (operation, target, reason) =>
      refusal({ operation, target, reason }, step),
    );
    const { draft = false } = deps.models.query().projects.find(patch.project)?.patch ?? {};
    const text = { ...pullRequestText(await pullRequestFacts(patch, deps)), draft };
    await deps.log.flush();
    if (patch.pr_number !== null) {
      const pull = await scoped.updatePull(patch.pr_number, text);
      await record(
        { type: 'PrUpdated', id: patch.id, data: pullData(patch, pull) },
        await lastSeq('PrUpdated', step),
        step,
      );
      return;
    }
    const found = notEarlier(await scoped.findPull(patch.branch, patch.base.branch), step);
    const pull =
      found?.state === 'open'
        ? await scoped.updatePull(found.number, text)
        : found?.headSha === patch.commit && found
          ? found
          : await scoped.openPull({
              ...text,
              head: patch.branch,
              base: patch.base.branch,
              ...(await peopleOf(step)),
            });
    await record(
      { type: 'PrOpened', id: patch.id, data: pullData(patch, pull) },
      await lastSeq('PrOpened', step),
      step,
    );
  });
}

/** A pull request of an earlier attempt from the same branch is over, whatever commit the forge says it shows. */
function notEarlier(pull: PullRequest | null, { patch, deps }: Step): PullRequest | null {
  const known = deps.models.query().patches.ofPull(patch.repository ?? '', pull?.number ?? 0);
  return pull?.state !== 'open' && known.some(({ id }) => id !== patch.id) ? null : pull;
}

export function pullData(patch: PatchDoc, { number, url, title }: PullRequest) {
  const repository = patch.repository ?? '';
  return { ...idOf(patch), forge: patch.forge, repository, number, url, title: title.slice(0, 512) || patch.id };
}

async function refusal(refused: { operation: string; target: string; reason: string }, step: Step): Promise<void> {
  const data = { ...idOf(step.patch), ...refused };
  await record({ type: 'ForgeWriteRefused', id: step.patch.id, data }, await lastSeq('ForgeWriteRefused', step), step);
}

/** Who is told of a new pull request, as its project wants it. */
async function peopleOf(step: Step) {
  const { patch: attempt, deps } = step;
  const { patch } = deps.models.query().projects.find(attempt.project) ?? {};
  const names = patch?.assignees_ref ? await deps.vault.get(patch.assignees_ref).catch(() => '[]') : '[]';
  const owners = patch?.code_owners ? await codeOwners(step) : [];
  const reviewers = [...new Set([...(patch?.reviewers ?? []), ...owners])];
  return { labels: patch?.labels ?? [], assignees: JSON.parse(names) as string[], reviewers };
}

/** By the base commit: whoever drafts a patch does not choose who looks at it. */
async function codeOwners(step: Step): Promise<string[]> {
  const texts = await readTexts(codeOwnersPaths, step);
  const found = codeOwnersPaths.map((path) => texts.get(path)).find((text) => text !== undefined);
  return found === undefined
    ? []
    : codeOwnersOf(
        found,
        step.patch.files.map(({ path }) => path),
      );
}
