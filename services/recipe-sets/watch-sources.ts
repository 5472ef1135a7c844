import type { RecipeSourceDoc } from '../../projections/projects/recipe-sources.ts';
import { AppError, messageOf } from '../floor/app-error.ts';
import type { Clock } from '../floor/clock.ts';
import { keyedLock } from '../floor/keyed-lock.ts';
import { unlessAborted } from '../io/git/mirrors/joined-run.ts';
import type { Log } from '../io/log.ts';
import type { ReadModels } from '../projector/read-models.ts';
import { advanceSource } from './advance-source.ts';
import { applySets } from './apply-set.ts';
import { type LookDeps, lookAtSource } from './look-at-source.ts';

type SourceDeps = LookDeps & {
  readonly models: ReadModels;
  readonly logger: Log;
  readonly clock: Clock;
  /** Ends the waiting for remotes. */
  readonly signal: AbortSignal;
};

export type SourceWatch = {
  /** Looks at the sources whose time has come, takes versions on, and gives projects what they are to have. */
  poll(): Promise<void>;
  /** The event at `seq` changed a source, or told of a push to it: looks at it now. */
  hear(id: string, seq: number): Promise<void>;
  /** The event at `seq` decided on a version: what follows is done without a look at the remote. */
  advance(id: string, seq: number): Promise<void>;
  /** The event at `seq` changed a project, or what its tier is to have. */
  meet(project: string, seq: number): Promise<void>;
};

const lanes = 4;
const lag = 10_000;

/** Keeps projects at the versions of recipe sets that their tiers are to have. What a crash leaves undone is done by the next beat. */
export function watchSources(deps: SourceDeps): SourceWatch {
  const { models, logger, clock, signal } = deps;
  const looks = new Map<string, { readonly atMs: number; readonly setSeq: number }>();
  const given = new Map<string, string>();
  const withLock = keyedLock();

  const look = async (source: RecipeSourceDoc) => {
    looks.set(source.id, { atMs: clock.now(), setSeq: source.set_seq });
    await unlessAborted(lookAtSource(source, deps), signal);
  };
  const isDue = ({ id, poll, set_seq }: RecipeSourceDoc): boolean => {
    const last = looks.get(id);
    if (last?.setSeq !== set_seq) return true;
    const nowMs = clock.now();
    return nowMs >= last.atMs + poll * 60_000 || nowMs < last.atMs;
  };
  const give = async (name: string) => {
    const query = models.query();
    const project = query.projects.find(name);
    if (project?.recipes !== 'sources') return;
    const ids = (project.recipe_sources ?? []).map(({ source }) => source);
    const tiers = ids.map((id) => query.recipeSources.find(id)?.[project.tier ?? 'production'] ?? null);
    if (given.get(name) === JSON.stringify([project.seq, tiers])) return;
    await models.applied(await unlessAborted(applySets(name, deps), signal), lag);
    const now = models.query().projects.find(name);
    given.set(name, JSON.stringify([now?.seq, tiers]));
  };
  const tend = async (id: string, isWanted: (source: RecipeSourceDoc) => boolean) =>
    withLock(id, async () => {
      const source = models.query().recipeSources.find(id);
      if (signal.aborted || !source) return;
      if (isWanted(source)) await look(source);
      await advanceSource(id, deps);
      for (const { name } of models.query().recipeSources.using(id))
        await withLock(`project ${name}`, () => give(name));
      // Canaries have it now: the next step may be known already.
      await advanceSource(id, deps);
    });
  const quietly = async (id: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted)
        logger.warn({ source: id, error: messageOf(error) }, 'a recipe source could not be tended, will try again');
    }
  };
  const until = async (seq: number) => {
    if (!(await models.applied(seq, lag))) throw new AppError('unavailable', 'The read model lags behind.');
  };
  return {
    poll: async () => {
      const waiting = models.query().recipeSources.list();
      const lane = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const { id } = next;
          await quietly(id, () => tend(id, isDue));
        }
      };
      await Promise.all(Array.from({ length: lanes }, lane));
    },
    hear: async (id, seq) => {
      await until(seq);
      await quietly(id, () => tend(id, () => true));
    },
    advance: async (id, seq) => {
      await until(seq);
      await quietly(id, () => tend(id, () => false));
    },
    meet: async (name, seq) => {
      await until(seq);
      await quietly(name, () => withLock(`project ${name}`, () => give(name)));
    },
  };
}
