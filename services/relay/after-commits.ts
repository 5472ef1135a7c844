import { messageOf } from '../floor/app-error.ts';
import type { Log } from '../io/log.ts';
import type { ReadModels } from '../projector/read-models.ts';

/** How long commits are gathered, and how long a failure is left alone, in ms. */
const gathering = 100;
const patience = 2_000;

type Repeating = {
  readonly models: Pick<ReadModels, 'onCommit'>;
  readonly logger: Log;
  /** What failed, when it did, for the log. */
  readonly what: string;
};

/**
 * Does something now, and again soon after commits of the read model: never twice at once, and again when it failed.
 * Resolves when it was done once.
 */
export async function afterCommits(
  work: () => Promise<void>,
  { models, logger, what }: Repeating,
): Promise<{ stop(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  const plan = (delay: number) => {
    if (running) again = true;
    else if (!stopped) timer ??= setTimeout(run, delay);
  };
  const run = () => {
    timer = undefined;
    again = false;
    let delay = gathering;
    running = work()
      .catch((error) => {
        logger.warn({ error: messageOf(error) }, what);
        again = true;
        delay = patience;
      })
      .finally(() => {
        running = undefined;
        if (again) plan(delay);
      });
    return running;
  };
  const forget = models.onCommit(() => plan(gathering));
  await run();
  return {
    stop: async () => {
      stopped = true;
      forget();
      clearTimeout(timer);
      await running;
    },
  };
}
