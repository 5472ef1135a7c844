import type { Consumer } from '../define.ts';
import { runConsumer } from '../io/nats/run-consumer.ts';
import type { RoleDeps, RunningRole } from '../role-deps.ts';
import { type Preview, parser, previewReading } from './parser.ts';

export type RunningParser = RunningRole & {
  /** What another reading of a job's stored log would change; null for a job that has not ended. */
  preview(jobId: string): Promise<Preview | null>;
};

/** Starts the role. */
export async function startParser(deps: RoleDeps): Promise<RunningParser> {
  const { consumer: asRun = (one: Consumer) => one } = deps.parts;
  const consumer = await runConsumer(asRun(parser(deps)), deps);
  return { stop: () => consumer.stop(), preview: (jobId) => previewReading(jobId, deps) };
}
