import path from 'node:path';
import type { AppError } from '../../../floor/app-error.ts';
import { ambiguousCommit, missingBranch } from './git-failure.ts';
import { credentialDigest } from './git-secrets.ts';
import { createJoinedRun, createQueue } from './joined-run.ts';
import { isMirrorDamage, mirrorFault } from './mirror-damage.ts';
import * as folder from './mirror-folder.ts';
import { keyOf, touch } from './mirror-marks.ts';
import type { TipDeps } from './redirects.ts';
import { askRemote, remoteDefault, remoteTip } from './remote-tip.ts';
import { type Tries, withTries } from './remote-tries.ts';
import type { Remote } from './remote-url.ts';

/** A mirror as the rest sees it: `key` names it and its slots, `dir` is the bare repository. */
export type Mirror = { key: string; dir: string };

export type StoreDeps = folder.MirrorDeps & {
  tips: TipDeps;
  tries: Tries;
  dir: string;
  now: () => number;
  /** Told when a mirror was damaged. */
  onTrouble: (what: string, error: unknown) => void;
};

/** What is known of one mirror. */
export type MirrorState = Mirror & {
  ready: boolean;
  queue: ReturnType<typeof createQueue>;
  runs: Map<string, () => Promise<unknown>>;
  present: Set<string>;
  allowed: Map<string, number>;
  users: number;
  /** How often it was cloned again because it was damaged, and what was wrong the last time. */
  renewals: number;
  fault: string;
  closed: Promise<void> | undefined;
};

/** The bare repositories of a workspace, one for each clean address; `mirror-upkeep.ts` frees and collects them. */
export type MirrorStore = { readonly deps: StoreDeps; readonly states: Map<string, MirrorState> };

const allowedForMs = 10 * 60_000;
const rememberedAtMost = 5_000;

/** A store of mirrors below `deps.dir`; nothing is touched before it is asked. */
export function openMirrorStore(deps: StoreDeps): MirrorStore {
  return { deps, states: new Map() };
}

/** The mirror of a key, whether or not it exists on disk yet. */
export function stateOf({ deps, states }: MirrorStore, key: string): MirrorState {
  const known = states.get(key);
  if (known !== undefined) return known;
  const state: MirrorState = {
    key,
    dir: path.join(deps.dir, `${key}.git`),
    ready: false,
    queue: createQueue(),
    runs: new Map(),
    present: new Set(),
    allowed: new Map(),
    users: 0,
    renewals: 0,
    fault: '',
    closed: undefined,
  };
  states.set(key, state);
  return state;
}

/** The mirror of an address, whether or not it exists on disk yet. */
export function mirrorOf(store: MirrorStore, remote: Remote): Mirror {
  return stateOf(store, keyOf(remote));
}

/** The commit of a branch as the remote has it now, or undefined. Callers at one time share one question. */
export async function tip(store: MirrorStore, remote: Remote, branch: string): Promise<string | undefined> {
  const state = stateOf(store, keyOf(remote));
  const name = `tip ${credentialDigest(remote.credential)} ${branch}`;
  const sha = await joined(state, name, () => tried(store, () => remoteTip(asking(store), remote, branch)));
  allow(store, state, remote);
  return sha;
}

/** What a caller is told when a branch is not there; it names the default branch, which may have been renamed. */
export async function branchMissing(store: MirrorStore, remote: Remote, branch: string): Promise<AppError> {
  const named = await remoteDefault(asking(store), remote).catch(() => null);
  return missingBranch(remote, branch, named);
}

/**
 * Fails unless the remote lately answered to this very credential. Mirrors are shared by address, and without this a
 * project without access could read, by its id, a commit that another project's credential brought in.
 */
export async function checkAccess(store: MirrorStore, remote: Remote): Promise<void> {
  const state = stateOf(store, keyOf(remote));
  const digest = credentialDigest(remote.credential);
  if ((state.allowed.get(digest) ?? 0) > store.deps.now()) return;
  await joined(state, `ask ${digest}`, () => tried(store, () => askRemote(asking(store), remote)));
  allow(store, state, remote);
}

/** Makes sure that the mirror has a commit; fetches only when it has not. False when the remote has it not. */
export async function bring(store: MirrorStore, remote: Remote, sha: string): Promise<boolean> {
  const state = stateOf(store, keyOf(remote));
  if (await has(store, state, sha)) return true;
  await fetchAll(store, state, remote);
  if (await has(store, state, sha)) return true;
  const fetchOne = () => tried(store, () => folder.fetchSha(store.deps, state.dir, remote, sha));
  return (await state.queue(fetchOne)) && has(store, state, sha);
}

/** The commit whose id begins so; undefined when there is none. Throws AppError('invalid') when there are several. */
export async function resolve(store: MirrorStore, remote: Remote, prefix: string): Promise<string | undefined> {
  const state = stateOf(store, keyOf(remote));
  const isThere = await folder.isComplete(state.dir);
  let found = isThere ? await folder.commitsLike(store.deps, state.dir, prefix) : [];
  if (found.length === 0) {
    await fetchAll(store, state, remote);
    found = await folder.commitsLike(store.deps, state.dir, prefix);
  }
  if (found.length > 1) throw ambiguousCommit(remote, prefix, found);
  return found[0];
}

/**
 * Does something with the mirror, and once more with a new one when it turns out to be damaged: it is a cache. The
 * same fault of a mirror that was just cloned is none of the mirror's.
 */
export async function healing<T>(store: MirrorStore, remote: Remote, work: () => Promise<T>): Promise<T> {
  const state = stateOf(store, keyOf(remote));
  const { renewals } = state;
  try {
    return await work();
  } catch (error) {
    if (!isMirrorDamage(error)) throw error;
    const fault = error.message;
    await state.queue(async () => {
      if (state.renewals !== renewals) return;
      if (state.renewals > 0 && state.fault === fault) throw error;
      await renewNow(store, state, remote, fault);
      state.fault = fault;
    });
    return work();
  }
}

/** Counts a user in, so that the mirror is not collected meanwhile; the answer counts it out. */
export async function use(store: MirrorStore, remote: Remote): Promise<() => void> {
  const state = stateOf(store, keyOf(remote));
  while (state.closed !== undefined) await state.closed;
  state.users += 1;
  let counted = true;
  await touch(state.dir, store.deps.now());
  return () => {
    if (counted) state.users -= 1;
    counted = false;
  };
}

function joined<T>(state: MirrorState, name: string, start: () => Promise<T>): Promise<T> {
  if (state.runs.size > rememberedAtMost) state.runs.clear();
  const run = state.runs.get(name) ?? createJoinedRun(start);
  state.runs.set(name, run);
  return run() as Promise<T>;
}

const asking = ({ deps }: MirrorStore) => ({ ...deps.tips, moved: deps.moved });

const tried = <T>({ deps }: MirrorStore, ask: () => Promise<T>): Promise<T> => withTries(deps.tries, ask);

function allow({ deps }: MirrorStore, state: MirrorState, remote: Remote): void {
  state.allowed.set(credentialDigest(remote.credential), deps.now() + allowedForMs);
}

async function has({ deps }: MirrorStore, state: MirrorState, sha: string): Promise<boolean> {
  if (state.present.has(sha)) return true;
  state.ready ||= await folder.isComplete(state.dir);
  if (!state.ready || !(await folder.hasCommit(deps, state.dir, sha))) return false;
  if (state.present.size > rememberedAtMost) state.present.clear();
  state.present.add(sha);
  return true;
}

/** To be called in the mirror's queue. */
async function renewNow(store: MirrorStore, state: MirrorState, remote: Remote, fault: string): Promise<void> {
  const { deps } = store;
  deps.onTrouble('the mirror of a repository is damaged and cloned again', new Error(`${remote.url}: ${fault}`));
  state.present.clear();
  await tried(store, () => folder.renewMirror(deps, state.dir, remote));
  state.renewals += 1;
  state.ready = true;
}

async function fetchNow(store: MirrorStore, state: MirrorState, remote: Remote): Promise<void> {
  const { deps } = store;
  state.ready = await folder.isComplete(state.dir);
  if (!state.ready) await tried(store, () => folder.createMirror(deps, state.dir, remote));
  else {
    const fault = await mirrorFault(state.dir, folder.remoteSection(remote.url));
    if (fault !== null) return renewNow(store, state, remote, fault);
    try {
      await tried(store, () => folder.fetchRefs(deps, state.dir, remote));
    } catch (error) {
      if (!isMirrorDamage(error)) throw error;
      return renewNow(store, state, remote, error.message);
    }
  }
  state.ready = true;
}

function fetchAll(store: MirrorStore, state: MirrorState, remote: Remote): Promise<void> {
  const name = `fetch ${credentialDigest(remote.credential)}`;
  return joined(state, name, () => state.queue(() => fetchNow(store, state, remote)));
}
