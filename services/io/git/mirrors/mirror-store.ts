import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AppError } from '../../../floor/app-error.ts';
import { bytesBelow, freeOldest, type Used } from '../../disk/freeable.ts';
import { ownerLives } from '../trees/process-owner.ts';
import { ambiguousCommit, missingBranch } from './git-failure.ts';
import { credentialDigest } from './git-secrets.ts';
import { createJoinedRun, createQueue } from './joined-run.ts';
import { isMirrorDamage, mirrorFault } from './mirror-damage.ts';
import * as folder from './mirror-folder.ts';
import { isDue, keyOf, removeOld, touch, usedLast } from './mirror-marks.ts';
import type { TipDeps } from './redirects.ts';
import { askRemote, remoteDefault, remoteTip } from './remote-tip.ts';
import { type Tries, withTries } from './remote-tries.ts';
import type { Remote } from './remote-url.ts';

/** A mirror as the rest sees it: `key` names it and its slots, `dir` is the bare repository. */
export type Mirror = { key: string; dir: string };

type StoreDeps = folder.MirrorDeps & {
  tips: TipDeps;
  tries: Tries;
  dir: string;
  now: () => number;
  /** Told when a mirror was damaged. */
  onTrouble: (what: string, error: unknown) => void;
};

type State = Mirror & {
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

const allowedForMs = 10 * 60_000;
const rememberedAtMost = 5_000;
/** How long a damaged mirror lies there for whoever wants to know why. */
const asideForMs = 24 * 3_600_000;

/** The bare repositories of a workspace, one for each clean address. */
export function createMirrorStore(deps: StoreDeps) {
  const states = new Map<string, State>();
  const asking = { ...deps.tips, moved: deps.moved };

  const stateOf = (key: string): State => {
    const known = states.get(key);
    if (known !== undefined) return known;
    const state: State = {
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
  };

  const joined = <T>(state: State, name: string, start: () => Promise<T>): Promise<T> => {
    if (state.runs.size > rememberedAtMost) state.runs.clear();
    const run = state.runs.get(name) ?? createJoinedRun(start);
    state.runs.set(name, run);
    return run() as Promise<T>;
  };

  const allow = (state: State, remote: Remote): void => {
    state.allowed.set(credentialDigest(remote.credential), deps.now() + allowedForMs);
  };

  const has = async (state: State, sha: string): Promise<boolean> => {
    if (state.present.has(sha)) return true;
    state.ready ||= await folder.isComplete(state.dir);
    if (!state.ready || !(await folder.hasCommit(deps, state.dir, sha))) return false;
    if (state.present.size > rememberedAtMost) state.present.clear();
    state.present.add(sha);
    return true;
  };

  const tried = <T>(ask: () => Promise<T>): Promise<T> => withTries(deps.tries, ask);

  /** To be called in the mirror's queue. */
  const renewNow = async (state: State, remote: Remote, fault: string): Promise<void> => {
    deps.onTrouble('the mirror of a repository is damaged and cloned again', new Error(`${remote.url}: ${fault}`));
    state.present.clear();
    await tried(() => folder.renewMirror(deps, state.dir, remote));
    state.renewals += 1;
    state.ready = true;
  };

  const fetchNow = async (state: State, remote: Remote): Promise<void> => {
    state.ready = await folder.isComplete(state.dir);
    if (!state.ready) await tried(() => folder.createMirror(deps, state.dir, remote));
    else {
      const fault = await mirrorFault(state.dir, folder.remoteSection(remote.url));
      if (fault !== null) return renewNow(state, remote, fault);
      try {
        await tried(() => folder.fetchRefs(deps, state.dir, remote));
      } catch (error) {
        if (!isMirrorDamage(error)) throw error;
        return renewNow(state, remote, error.message);
      }
    }
    state.ready = true;
  };

  const fetchAll = (state: State, remote: Remote): Promise<void> =>
    joined(state, `fetch ${credentialDigest(remote.credential)}`, () => state.queue(() => fetchNow(state, remote)));

  return {
    /** The mirror of an address, whether or not it exists on disk yet. */
    mirrorOf(remote: Remote): Mirror {
      return stateOf(keyOf(remote));
    },

    /** The commit of a branch as the remote has it now, or undefined. Callers at one time share one question. */
    async tip(remote: Remote, branch: string): Promise<string | undefined> {
      const state = stateOf(keyOf(remote));
      const name = `tip ${credentialDigest(remote.credential)} ${branch}`;
      const sha = await joined(state, name, () => tried(() => remoteTip(asking, remote, branch)));
      allow(state, remote);
      return sha;
    },

    /** What a caller is told when a branch is not there; it names the default branch, which may have been renamed. */
    async missingBranch(remote: Remote, branch: string): Promise<AppError> {
      const named = await remoteDefault(asking, remote).catch(() => null);
      return missingBranch(remote, branch, named);
    },

    /**
     * Fails unless the remote lately answered to this very credential. Mirrors are shared by address, and without this a
     * project without access could read, by its id, a commit that another project's credential brought in.
     */
    async checkAccess(remote: Remote): Promise<void> {
      const state = stateOf(keyOf(remote));
      const digest = credentialDigest(remote.credential);
      if ((state.allowed.get(digest) ?? 0) > deps.now()) return;
      await joined(state, `ask ${digest}`, () => tried(() => askRemote(asking, remote)));
      allow(state, remote);
    },

    /** Makes sure that the mirror has a commit; fetches only when it has not. False when the remote has it not. */
    async bring(remote: Remote, sha: string): Promise<boolean> {
      const state = stateOf(keyOf(remote));
      if (await has(state, sha)) return true;
      await fetchAll(state, remote);
      if (await has(state, sha)) return true;
      const fetchOne = () => tried(() => folder.fetchSha(deps, state.dir, remote, sha));
      return (await state.queue(fetchOne)) && has(state, sha);
    },

    /** The commit whose id begins so; undefined when there is none. Throws AppError('invalid') when there are several. */
    async resolve(remote: Remote, prefix: string): Promise<string | undefined> {
      const state = stateOf(keyOf(remote));
      const isThere = await folder.isComplete(state.dir);
      let found = isThere ? await folder.commitsLike(deps, state.dir, prefix) : [];
      if (found.length === 0) {
        await fetchAll(state, remote);
        found = await folder.commitsLike(deps, state.dir, prefix);
      }
      if (found.length > 1) throw ambiguousCommit(remote, prefix, found);
      return found[0];
    },

    /**
     * Does something with the mirror, and once more with a new one when it turns out to be damaged: it is a cache. The
     * same fault of a mirror that was just cloned is none of the mirror's.
     */
    async healing<T>(remote: Remote, work: () => Promise<T>): Promise<T> {
      const state = stateOf(keyOf(remote));
      const { renewals } = state;
      try {
        return await work();
      } catch (error) {
        if (!isMirrorDamage(error)) throw error;
        const fault = error.message;
        await state.queue(async () => {
          if (state.renewals !== renewals) return;
          if (state.renewals > 0 && state.fault === fault) throw error;
          await renewNow(state, remote, fault);
          state.fault = fault;
        });
        return work();
      }
    },

    /** Counts a user in, so that the mirror is not collected meanwhile; the answer counts it out. */
    async use(remote: Remote): Promise<() => void> {
      const state = stateOf(keyOf(remote));
      while (state.closed !== undefined) await state.closed;
      state.users += 1;
      let counted = true;
      await touch(state.dir, deps.now());
      return () => {
        if (counted) state.users -= 1;
        counted = false;
      };
    },

    /** Removes what dead processes left: half-made mirrors, locks of fetches. */
    async sweep(): Promise<void> {
      for (const name of await readdir(deps.dir).catch(() => [])) {
        const owner = /\.tmp-(\d+_\d+)-/.exec(name)?.[1];
        const dir = path.join(deps.dir, name);
        if (owner === undefined) await folder.unlockMirror(dir);
        else if (!ownerLives(owner)) await rm(dir, { recursive: true, force: true, maxRetries: 5 });
      }
    },

    /**
     * Removes the damaged mirrors that lie aside, and then those that nobody has used since a time, the least used first; they
     * are cloned again when they are needed. Answers how many bytes that freed.
     */
    async freeLeastUsed(bytes: number, unusedSince: number, inUse: (key: string) => Promise<boolean>): Promise<number> {
      const found = await Promise.all(
        (await readdir(deps.dir).catch(() => [])).map((name) => freeable(name, unusedSince, inUse)),
      );
      return freeOldest(
        found.filter((one) => one !== null),
        bytes,
        unusedSince,
      );
    },

    /** Collects garbage in mirrors that nobody used for a time, once after each time of use. */
    async gc(quietMs: number, inUse: (key: string) => Promise<boolean>): Promise<void> {
      for (const name of await readdir(deps.dir).catch(() => [])) {
        if (name.includes(folder.asideMark)) await removeOld(path.join(deps.dir, name), deps.now() - asideForMs);
        const key = /^([0-9a-f]{24})\.git$/.exec(name)?.[1];
        if (key === undefined || !(await isDue(path.join(deps.dir, name), deps.now() - quietMs))) continue;
        const state = stateOf(key);
        if (!(await inUse(key)) && state.users === 0) await collect(state);
      }
    },
  };

  /** Null for what is not known, or is half made. */
  async function freeable(
    name: string,
    unusedSince: number,
    inUse: (key: string) => Promise<boolean>,
  ): Promise<Used | null> {
    const dir = path.join(deps.dir, name);
    const bytes = () => bytesBelow(dir);
    if (name.includes(folder.asideMark))
      return { usedAt: 0, bytes, free: () => removeOld(dir, Number.POSITIVE_INFINITY) };
    const key = /^([0-9a-f]{24})\.git$/.exec(name)?.[1];
    const usedAt = key === undefined ? null : await usedLast(dir);
    if (key === undefined || usedAt === null) return null;
    const state = stateOf(key);
    const free = async () => {
      const again = await usedLast(dir);
      if (again === null || again > unusedSince || (await inUse(key)) || state.users > 0) return false;
      await closed(state, async () => {
        state.ready = false;
        await folder.dropMirror(state.dir);
      });
      return true;
    };
    return { usedAt: Math.min(usedAt, deps.now()), bytes, free };
  }

  // Closes the mirror in the same turn in which nobody was found to use it.
  function collect(state: State): Promise<void> {
    return closed(state, async () => {
      try {
        await folder.collectMirror(deps, state.dir);
      } catch (error) {
        if (!isMirrorDamage(error)) throw error;
        deps.onTrouble('the mirror of a repository is damaged and moved aside', error);
        await folder.setAside(state.dir);
        return;
      }
      await writeFile(path.join(state.dir, '.collected'), '');
    });
  }

  function closed(state: State, task: () => Promise<void>): Promise<void> {
    const work = state.queue(task);
    state.present.clear();
    state.closed = work
      .catch(() => {})
      .finally(() => {
        state.closed = undefined;
      });
    return work;
  }
}

export type MirrorStore = ReturnType<typeof createMirrorStore>;
