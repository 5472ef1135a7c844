import { logStream } from '../../../../events/streams.ts';
import type { Freeable } from '../../disk/freeable.ts';
import type { Nats } from '../connection.ts';

type LoggedJobs = {
  /** The store of an embedded server. */
  readonly dir: string;
  /** Jobs that have not ended: what they printed is needed yet. */
  readonly open: () => readonly string[];
};

/** Fewer bytes at once are not worth a gap in what is kept. */
const least = 256 * 1024;

/** The output of ended jobs, the oldest first: the reader of an older log hears that it is no longer kept. */
export function freeableLogs(nats: Nats, { dir, open }: LoggedJobs): Freeable {
  return {
    name: 'job logs',
    dir,
    isLast: true,
    freeLeastUsed: async (wanted) => {
      const { state } = await nats.jsm.streams.info(logStream.name);
      const { bytes, first_seq: first, last_seq: last } = state;
      if (bytes < least || last < first) return 0;
      const share = Math.min(1, Math.max(wanted, least) / bytes);
      const kept = await Promise.all(open().map((jobId) => firstOf(nats, jobId)));
      const until = Math.min(first + Math.ceil((last - first + 1) * share), ...kept);
      if (until <= first) return 0;
      await nats.jsm.streams.purge(logStream.name, { seq: until });
      const { state: after } = await nats.jsm.streams.info(logStream.name);
      return Math.max(0, bytes - after.bytes);
    },
  };
}

/** Where the stored output of a job begins; infinity where there is none. */
async function firstOf({ jsm }: Nats, jobId: string): Promise<number> {
  const subjects = [`ct-log.${jobId}.>`, `ct-report.${jobId}`];
  const found = await Promise.all(
    subjects.map((next_by_subj) => jsm.direct.getMessage(logStream.name, { seq: 1, next_by_subj })),
  );
  return Math.min(Number.POSITIVE_INFINITY, ...found.flatMap((message) => (message ? [message.seq] : [])));
}
