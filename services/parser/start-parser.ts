import { type Consumer, lateConsumer } from '../define.ts';
import { runConsumer } from '../io/nats/log/run-consumer.ts';
import { openNodeTalk } from '../io/nats/node-talk.ts';
import type { RoleDeps, RunningRole } from '../role-deps.ts';
import type { Preview } from './parser.ts';

export type RunningParser = RunningRole & {
  /** What another reading of a job's stored log would change; null for a job that has not ended. */
  preview(jobId: string): Promise<Preview | null>;
};

/** Every parser and tool card is behind it. */
const load = () => import('./parser.ts');

/** What the role listens to; its handlers are in `parser.ts`. */
export const parserConsumer = {
  name: 'parser',
  maxInFlight: 16,
  on: ['RecipeExited', 'ProjectUpdated', 'LogRereadRequested'],
} as const;

export const previewTopic = 'parser-preview';

/** Starts the role. */
export async function startParser(deps: RoleDeps): Promise<RunningParser> {
  const { consumer: asRun = (one: Consumer) => one } = deps.parts;
  const consumer = await runConsumer(
    asRun(lateConsumer(parserConsumer, async () => (await load()).parser(deps))),
    deps,
  );
  const preview = async (jobId: string) => (await load()).previewReading(jobId, deps);
  // Processes without this role ask for it: which one a request came to is nobody's business.
  const deaf = deps.config.natsUrl
    ? openNodeTalk(deps.nats).answer(previewTopic, async ({ jobId }) => preview(String(jobId)))
    : () => {};
  return {
    stop: async () => {
      deaf();
      await consumer.stop();
    },
    preview,
  };
}
