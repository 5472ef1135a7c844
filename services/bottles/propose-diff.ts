import { createHash } from 'node:crypto';
import type { Cause } from '../../events/envelope.ts';
import type { RecipeName } from '../../events/fields.ts';
import type { EventData } from '../../events/registry.ts';
import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';
import { type AttemptChoiceDeps, forgeOf } from '../attempts/request-attempts.ts';
import { AppError } from '../floor/app-error.ts';
import { appendOnce, type EventLog } from '../io/event-log.ts';
import type { BottleStore } from '../io/nats/stores/bottle-store.ts';
import { changedPaths } from './rules/changed-paths.ts';

/** What a bottle's diff is proposed as. */
type Proposal = {
  readonly bottle_id: string;
  /** Of the pull request; one line. */
  readonly title: string;
  /** What its agent says of it, in Markdown. */
  readonly summary: string;
  readonly by: string;
  /** An open attempt of an earlier bottle for the same work: its branch and its pull request show this diff then. */
  readonly follows?: string;
};

type ProposeDeps = AttemptChoiceDeps & {
  readonly log: Pick<EventLog, 'append' | 'last' | 'flush'>;
  readonly bottles: Pick<BottleStore, 'get'>;
  readonly cause?: Cause;
};

/**
 * Asks for an attempt out of what a bottle left: policy, proof, branch and pull request are those of every other method. However often
 * it is asked for one bottle, there is one attempt. AppError: `not_found` (no such run or project), `conflict` (it has not
 * ended, changed nothing, or no recipe could prove it), `unavailable`, `forbidden` (the forge, as for other attempts).
 */
export async function proposeDiff(proposal: Proposal, deps: ProposeDeps): Promise<{ readonly patch_id: string }> {
  const { log, query } = deps;
  const [requested, ended] = [
    await log.last('AgentRunRequested', proposal.bottle_id),
    await log.last('AgentRunEnded', proposal.bottle_id),
  ];
  if (!requested) throw new AppError('not_found', `There is no bottle ${proposal.bottle_id}.`);
  if (!ended) throw new AppError('conflict', `The bottle ${proposal.bottle_id} has not ended.`);
  const { diff, sha } = ended.data;
  if (diff === null || sha === null)
    throw new AppError('conflict', `The bottle ${proposal.bottle_id} changed nothing.`, { name: 'no_change' });
  const project = query().projects.find(requested.data.project);
  if (!project) throw new AppError('not_found', `The project ${requested.data.project} is gone.`);
  const text = (await deps.bottles.get(diff.digest))?.toString('utf8');
  if (text === undefined)
    throw new AppError('conflict', `What the bottle ${proposal.bottle_id} left is deleted.`, { name: 'expired' });
  const proof = provingRecipe(project, requested.data.subproject, changedPaths(text));
  if (proof === null || ended.data.job_id === undefined)
    throw new AppError('conflict', `No subproject of ${project.name} has a recipe that could prove a diff.`, {
      name: 'no_proof',
    });
  const { issue } = requested.data.work;
  const bottle = {
    bottle_id: proposal.bottle_id,
    digest: diff.digest,
    title: proposal.title.slice(0, 256),
    summary: proposal.summary.slice(0, 8192),
    issue: issue ?? null,
  };
  const identity = createHash('sha256').update(`bottle\n${proposal.bottle_id}`).digest('hex').slice(0, 32);
  const members = [{ finding_id: 0, identity }];
  const base = { branch: project.default_branch, sha };
  const { job_id } = ended.data;
  if (proposal.follows !== undefined)
    return goOnWith(proposal.follows, { job_id, base, members, bottle, project: project.name }, deps);
  const { kind, repository } = forgeOf(project, deps);
  const patch_id = patchIdOf(proposal.bottle_id);
  const name = issue === undefined ? proposal.bottle_id : `issue-${issue}-${proposal.bottle_id.slice(-6)}`;
  const data = {
    ...{ patch_id, project: project.name, owner: project.owner, finding_id: 0, identity, attempt_number: 1 },
    ...{ members, job_id, ...proof, base, methods: ['bottle' as const], by: proposal.by },
    ...{ branch: `${deps.config.patcher.branchPrefix}${name}`, forge: kind, repository, bottle },
  };
  await appendOnce(log, { type: 'PatchRequested', id: patch_id, data }, { expect: 0, ...causeOf(deps) });
  return { patch_id };
}

const causeOf = ({ cause }: ProposeDeps) => (cause ? { cause } : {});

const undecided = new Set(['verify_failed', 'refused', 'apply_failed', 'declined', 'abandoned']);

/** It is open, or what went on with its pull request came to nothing: people have not decided on that yet. */
const mayGoOn = ({ open, status, pr_number }: PatchDoc) => open || (pr_number !== null && undecided.has(status));

/** The attempt is drafted, proven and pushed anew, with what the later bottle left. */
async function goOnWith(
  patch_id: string,
  data: Omit<EventData<'PatchRefreshRequested'>, 'patch_id'>,
  deps: ProposeDeps,
): Promise<{ readonly patch_id: string }> {
  const patch = deps.query().patches.find(patch_id)?.doc;
  if (!patch || !mayGoOn(patch))
    throw new AppError('conflict', `The attempt ${patch_id} is not open any more.`, { name: 'not_open' });
  const last = await deps.log.last('PatchRefreshRequested', patch_id);
  const shown = last?.data.bottle ?? patch.bottle;
  if (shown?.bottle_id === data.bottle?.bottle_id) return { patch_id };
  await appendOnce(
    deps.log,
    { type: 'PatchRefreshRequested', id: patch_id, data: { patch_id, ...data } },
    { expect: last?.seq ?? 0, ...causeOf(deps) },
  );
  return { patch_id };
}

/** Attempts without a finding are numbered by their bottle, beyond all numbers that findings come to. */
function patchIdOf(bottleId: string): string {
  const hash = createHash('sha256').update(bottleId).digest();
  return `9${`${hash.readUIntBE(0, 6)}`.padStart(15, '0')}-1`;
}

const strongest: readonly RecipeName[] = ['test', 'build', 'lint', 'audit'];

/** The subproject in which most changed files lie, and of its recipes the one that says most; null: none could prove anything. */
function provingRecipe(
  { subprojects }: Pick<ProjectDoc, 'subprojects'>,
  asked: string | null,
  paths: readonly string[],
): { subproject: string; recipe: RecipeName } | null {
  const able = subprojects.flatMap((one) => {
    const recipe = one.enabled === false ? undefined : strongest.find((name) => one[name] !== undefined);
    return recipe === undefined ? [] : [{ subproject: one.path, recipe }];
  });
  const named = able.find(({ subproject }) => subproject === asked);
  if (named) return named;
  const holds = (folder: string, path: string) => folder === '.' || path.startsWith(`${folder}/`);
  const depth = (folder: string) => (folder === '.' ? 0 : folder.split('/').length);
  const nearest = (path: string) =>
    able
      .filter(({ subproject }) => holds(subproject, path))
      .sort((a, b) => depth(b.subproject) - depth(a.subproject))[0];
  const votes = new Map<(typeof able)[number], number>();
  for (const path of paths) {
    const one = nearest(path);
    if (one) votes.set(one, (votes.get(one) ?? 0) + 1);
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0] ?? able[0] ?? null;
}
