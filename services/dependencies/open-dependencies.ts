import { setTimeout as wait } from 'node:timers/promises';
import { isAppError, messageOf } from '../floor/app-error.ts';
import { removeTree } from '../io/files/remove-tree.ts';
import type { TreeAdditions } from '../io/git/trees/tree-additions.ts';
import { bringCompiled, type Compiled, type CompiledOrder } from './compiled-outputs.ts';
import type { DependencyDeps } from './dependency-deps.ts';
import { installKey, type KeyFacts } from './entry-key.ts';
import type { Entry, EntryFacts } from './entry-store.ts';
import { type LaidOut, type LayPlace, layOut } from './lay-out.ts';
import { cleanStage, homeAdditions, moveParts, withoutNamed } from './take-in.ts';

/** What a job's install came to. `reason`: why it was run, or why nothing is kept; null for a hit. */
export type Brought<R> = {
  readonly source: 'cache' | 'install' | 'failed';
  readonly reason: string | null;
  readonly key: string | null;
  readonly waitedMs: number;
  readonly bytes: number;
  /** How a failed install ended. */
  readonly result: R | null;
  readonly laid: LaidOut | null;
  release(): void | Promise<void>;
};

export type BringOrder<R> = {
  readonly facts: Omit<KeyFacts, 'versions' | 'paths'>;
  readonly place: LayPlace;
  /** Only what a reviewed commit of the default branch installed is kept. */
  readonly isTrusted: boolean;
  /** HOME lies at another place for each job, so what an install writes there is right for none but it. */
  readonly hasOwnHome: boolean;
  readonly usualHome: Readonly<Record<string, readonly string[]>>;
  readonly secrets: readonly string[];
  readonly files: () => Promise<readonly string[]>;
  readonly additions: () => Promise<TreeAdditions>;
  /** Runs the install in the tree. */
  readonly run: () => Promise<R>;
  readonly succeeded: (result: R) => boolean;
  readonly say: (text: string) => void | Promise<void>;
  readonly signal: AbortSignal;
};

export type Dependencies = {
  bring<R>(order: BringOrder<R>): Promise<Brought<R>>;
  compiled(order: CompiledOrder): Promise<Compiled | null>;
};

const dayMs = 86_400_000;
const lookEveryMs = 100;
const untrusted = 'nothing is kept of an install that no reviewed commit of the default branch ran';

/** What brings the dependencies of jobs: from what an earlier job installed, or by an install that is kept for the next. */
export function openDependencies(deps: DependencyDeps): Dependencies {
  return {
    bring: (order) => bring(order, deps),
    compiled: (order) => bringCompiled(order, deps),
  };
}

async function bring<R>(order: BringOrder<R>, deps: DependencyDeps): Promise<Brought<R>> {
  const { facts, isTrusted, say, signal } = order;
  const { store, now } = deps;
  const startedAt = performance.now();
  const paths = await order.files();
  const { key, inputs } = await installKey({ ...facts, paths, versions: await deps.versions(facts.command) });
  let reason = 'nothing of the same lock files, manifests, tools and command is kept';
  let isWaiting = false;
  const look = async (): Promise<Entry | null> => {
    const found = await store.find(facts.owner, key);
    if (found === 'damaged') {
      await store.count('damaged');
      reason = 'what was kept is damaged: it is moved aside and made again';
      return null;
    }
    const why = found === null ? null : staleness(found, facts.sha, now());
    if (found === null || why === null) return found;
    reason = why;
    found.release();
    return null;
  };
  const hit = async (entry: Entry): Promise<Brought<R>> => {
    await store.count('hits');
    await say(`install: taken from what was kept of "${facts.command.slice(0, 200)}" (${key.slice(0, 12)})`);
    const waitedMs = isWaiting ? Math.round(performance.now() - startedAt) : 0;
    return { ...(await laidOut(entry, order, waitedMs)), source: 'cache', reason: null };
  };
  for (;;) {
    signal.throwIfAborted();
    const kept = await look();
    if (kept) return hit(kept);
    const lock = isTrusted ? store.lock(facts.owner, key) : null;
    if (isTrusted && lock === null) {
      if (!isWaiting) await say('install: another job installs the same, this one waits for it');
      isWaiting = true;
      await wait(lookEveryMs, undefined, { signal });
      continue;
    }
    try {
      // It may have come between the look and the lock.
      const late = isTrusted ? await look() : null;
      if (late) return await hit(late);
      await store.count('misses');
      if (inputs.kind === 'commit') reason += `; kept for this commit alone, since ${inputs.why}`;
      const waitedMs = isWaiting ? Math.round(performance.now() - startedAt) : 0;
      await say(`install: ${reason}`);
      const result = await order.run();
      const plain = { key, waitedMs, bytes: 0, laid: null, release: () => {} };
      if (!order.succeeded(result)) return { ...plain, source: 'failed', reason, result };
      if (!isTrusted) return { ...plain, source: 'install', reason: untrusted, result: null };
      const until = inputs.floating ? now() + dayMs : null;
      const sha = inputs.kind === 'commit' ? facts.sha : null;
      return { ...(await takeIn(order, deps, { key, until, sha, reason, waitedMs })), source: 'install' };
    } finally {
      lock?.release();
    }
  }
}

/** Why an entry may not be used, or null. */
function staleness({ until, sha }: EntryFacts, commit: string, now: number): string | null {
  if (until !== null && now >= until) return 'no lock file decides the versions, and what was kept is older than a day';
  return sha === null || sha === commit ? null : 'the install changed files of its commit, and this is another';
}

type Made = { key: string; until: number | null; sha: string | null; reason: string; waitedMs: number };

/** Keeps what an install made, and lays it out as the next job will get it; what cannot be kept is the job's alone. */
async function takeIn<R>(order: BringOrder<R>, { store, now, onTrouble }: DependencyDeps, made: Made) {
  const { facts, place, say } = order;
  const { tree, home } = place;
  const found = await order.additions();
  const added = { ...found, others: await withoutNamed(tree, found.others, order.secrets) };
  const inHome = await homeAdditions(home, order.usualHome);
  const ofHome = { ...inHome, kept: await withoutNamed(home, inHome.kept, order.secrets) };
  const stage = await store.stage(facts.owner);
  const parts = await moveParts(added, ofHome, { tree, home, stage });
  const whole = { dir: stage, parts, modes: added.modes };
  const own = async (reason: string) => {
    await say(`install: ${reason}`);
    const laid = await layOut(whole, place);
    return {
      ...made,
      reason,
      bytes: 0,
      result: null,
      laid,
      release: () => removeTree(stage).catch((error) => onTrouble('a stage', error)),
    };
  };
  if (!order.hasOwnHome && parts.some(({ root }) => root === 'home'))
    return own('not kept: it wrote to HOME, which lies elsewhere for each job at this level of the sandbox');
  try {
    const { content, withSecrets } = await cleanStage(stage, order.secrets);
    if (withSecrets.length > 0) await say(`install: ${withSecrets.length} files with secrets of the job are removed`);
    const { owner, project, subproject, command } = facts;
    const entryFacts: EntryFacts = {
      ...{ owner, project, subproject, command, kind: 'install', parts, modes: added.modes, until: made.until },
      // What stands in files of this commit would be wrong in those of another.
      sha: added.changed.length > 0 ? facts.sha : made.sha,
      ...{ bytes: content.bytes, files: content.files, madeAt: now() },
    };
    if (added.changed.length > 0)
      return await own(`not kept: it changed ${added.changed.length} files of the commit, such as ${added.changed[0]}`);
    const entry = await store.keep(stage, made.key, entryFacts, content.digest);
    return { ...(await laidOut(entry, order, made.waitedMs)), reason: made.reason };
  } catch (error) {
    if (isAppError(error)) throw error;
    onTrouble('an install could not be kept', error);
    return own(`not kept: ${messageOf(error)}`);
  }
}

async function laidOut<R>(entry: Entry, { place }: BringOrder<R>, waitedMs: number) {
  try {
    const laid = await layOut(entry, place);
    const { key, bytes, release } = entry;
    return { key, bytes, waitedMs, result: null, laid, release };
  } catch (error) {
    entry.release();
    throw error;
  }
}
