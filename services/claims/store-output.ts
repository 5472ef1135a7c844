import { type Msg, headers as natsHeaders } from '@nats-io/transport-node';
import { logStream } from '../../events/streams.ts';
import { AppError } from '../floor/app-error.ts';
import { leaseHeader } from '../jobs/claim-protocol.ts';
import type { JobKeeper } from '../jobs/keep-jobs.ts';
import type { ClaimsDeps } from './claim-deps.ts';
import { heldJob } from './job-holder.ts';

const places = /^(?:ct-log\.([0-9a-z]{26})\.(?:stdout|stderr)|ct-report\.([0-9a-z]{26}))$/;
const idPattern = /^[0-9A-Za-z-]{1,128}$/;
/** What result files, and what we say ourselves, may add to a job's output, in bytes. */
const beside = 96 * 1024 * 1024;
const keptCounts = 10_000;

/** Stores what jobs print and leave, for runners that write nothing themselves. */
export function openOutputStore({ nats, log, maxLogBytes }: ClaimsDeps, keeper: JobKeeper) {
  const stored = new Map<string, number>();

  const count = (jobId: string, bytes: number) => {
    const total = (stored.get(jobId) ?? 0) + bytes;
    if (total > maxLogBytes + beside)
      throw new AppError('too_large', `A job may leave ${maxLogBytes + beside} bytes, its result files included.`);
    stored.delete(jobId);
    stored.set(jobId, total);
    if (stored.size > keptCounts) stored.delete(stored.keys().next().value ?? '');
  };
  return {
    /** Answers the place of a piece in the stream; the same piece twice has one. */
    store: async (message: Msg, { runner, subject }: { runner: string; subject: string }): Promise<{ seq: number }> => {
      const [, logged, reported] = places.exec(subject) ?? [];
      const jobId = logged ?? reported;
      const lease = message.headers?.get(leaseHeader) ?? '';
      const msgID = message.headers?.get('Ct-Once') ?? '';
      const most = logged ? logStream.maxChunkBytes : logStream.maxReportPieceBytes;
      if (jobId === undefined || !idPattern.test(msgID)) throw new AppError('invalid', 'This is no place for output.');
      if (message.data.length > most) throw new AppError('too_large', `A piece may have ${most} bytes.`);
      await heldJob(jobId, { runner, lease }, { log, keeper });
      count(jobId, message.data.length);
      const headers = natsHeaders();
      const name = message.headers?.get('Ct-Report') ?? '';
      if (reported) headers.set('Ct-Report', name.slice(0, 4096));
      const { seq } = await nats.js
        .publish(subject, message.data, { msgID: `${runner}-${msgID}`, timeout: 5_000, headers })
        .catch((cause) => {
          throw new AppError('unavailable', 'The output of the job cannot be stored at the moment.', { cause });
        });
      return { seq };
    },
  };
}
