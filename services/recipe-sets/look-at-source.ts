import { isDeepStrictEqual } from 'node:util';
import type { RecipeSourceDoc } from '../../projections/projects/recipe-sources.ts';
import { type Fault, isAppError } from '../floor/app-error.ts';
import { isSha } from '../io/git/mirrors/ref-name.ts';
import type { Workspaces } from '../io/git/trees/workspaces.ts';
import { type DecisionDeps, decisionOn } from '../projector/decision.ts';
import { type Documents, fetchDocuments, remoteOfSource, type VersionDeps } from './read-version.ts';
import { setDigest } from './rules/set-digest.ts';

export type LookDeps = DecisionDeps &
  Omit<VersionDeps, 'workspaces'> & { readonly workspaces: Pick<Workspaces, 'refTip' | 'listFiles' | 'readBlobs'> };

type Found = {
  readonly sha: string | null;
  readonly trouble: { readonly code: string; readonly detail: string } | null;
  /** Of a commit that is news. */
  readonly read: { readonly faults: null; readonly files: Documents } | { readonly faults: readonly Fault[] } | null;
};

/**
 * Asks where the ref of a source stands. What is another thing than before becomes RecipeSourceSeen; documents of a new commit
 * lie in the cache before RecipeSetFetched says so, or RecipeSetRefused why not.
 */
export async function lookAtSource(source: RecipeSourceDoc, deps: LookDeps): Promise<void> {
  const found = await find(source, deps);
  await say(source, found, deps);
  const { sha, read } = found;
  if (sha === null || read === null) return;
  const named = { source: source.id, owner: source.owner, sha };
  if (read.faults !== null) {
    const decision = await decisionOn('RecipeSetRefused', source.id, deps);
    if (!isCurrent(source, decision.query().recipeSources.find(source.id))) return;
    await decision.tryAppend({ ...named, faults: [...read.faults] });
    return;
  }
  await deps.cache.keep(read.files);
  const decision = await decisionOn('RecipeSetFetched', source.id, deps);
  const now = decision.query().recipeSources.find(source.id);
  if (!isCurrent(source, now) || now?.versions[0]?.sha === sha) return;
  await decision.tryAppend({ ...named, ...setDigest(read.files) });
}

/** Whether it is still the source that was looked at. */
function isCurrent(looked: RecipeSourceDoc, now: RecipeSourceDoc | undefined): boolean {
  return now?.set_seq === looked.set_seq;
}

async function find(source: RecipeSourceDoc, deps: LookDeps): Promise<Found> {
  const nothing = { sha: null, read: null };
  try {
    const sha = await tipOf(source, deps);
    if (sha === null) {
      const detail = `${source.git_url} has no branch, tag or commit ${JSON.stringify(source.ref)}.`;
      return { ...nothing, trouble: { code: 'git_branch', detail } };
    }
    const isKnown = source.versions[0]?.sha === sha || source.refused?.sha === sha;
    return { sha, trouble: null, read: isKnown ? null : await fetchDocuments(source, sha, deps) };
  } catch (error) {
    if (!isAppError(error) || error.reason === 'git_closing') throw error;
    return { ...nothing, trouble: { code: error.reason, detail: error.message.slice(0, 1024) } };
  }
}

async function tipOf(source: RecipeSourceDoc, { workspaces, vault }: LookDeps): Promise<string | null> {
  if (isSha(source.ref)) return source.ref;
  return workspaces.refTip(await remoteOfSource(source, vault), source.ref);
}

async function say(source: RecipeSourceDoc, { sha, trouble }: Found, deps: LookDeps): Promise<void> {
  const before = source.seen;
  if (before && before.sha === sha && before.trouble?.code === trouble?.code) return;
  const decision = await decisionOn('RecipeSourceSeen', source.id, deps);
  const now = decision.query().recipeSources.find(source.id);
  if (!isCurrent(source, now) || !isDeepStrictEqual(now?.seen, before)) return;
  await decision.tryAppend({ source: source.id, owner: source.owner, ref: source.ref, sha, trouble });
}
