import { randomUUID } from 'node:crypto';
import { DeliverPolicy } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { logStream } from '../../../../events/streams.ts';
import { AppError } from '../../../floor/app-error.ts';
import type { Report, SavedReports } from '../../log-stream.ts';
import type { Nats } from '../connection.ts';

const nameHeader = 'Ct-Report';
const attempts = 5;

/** Stores result files on `ct-report.<job id>`, in pieces, one after the other. */
export async function saveReports({ js }: Nats, jobId: string, reports: readonly Report[]): Promise<SavedReports> {
  const writer = randomUUID();
  const seqs: number[] = [];
  for (const [index, { name, bytes }] of reports.entries()) {
    for (let from = 0; from === 0 || from < bytes.length; from += logStream.maxReportPieceBytes) {
      const headers = natsHeaders();
      headers.set(nameHeader, encodeURIComponent(name));
      const piece = bytes.subarray(from, from + logStream.maxReportPieceBytes);
      const send = () =>
        js.publish(`ct-report.${jobId}`, piece, { headers, msgID: `${writer}-${index}-${from}`, timeout: 5_000 });
      seqs.push((await untilStored(send)).seq);
    }
  }
  return { count: reports.length, first_seq: seqs[0] ?? 0, last_seq: seqs.at(-1) ?? 0 };
}

/** The same id makes a second sending of a piece the first. */
async function untilStored<T>(send: () => Promise<T>): Promise<T> {
  for (let left = attempts; ; left -= 1) {
    try {
      return await send();
    } catch (cause) {
      if (left <= 1) throw new AppError('unavailable', 'The result files of the job cannot be stored.', { cause });
    }
  }
}

/** Hands over the stored pieces in order. */
export async function readReports(
  { js }: Nats,
  jobId: string,
  { first_seq, last_seq }: SavedReports,
  onPiece: (piece: Report) => void,
): Promise<void> {
  if (last_seq === 0) return;
  const consumer = await js.consumers.get(logStream.name, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: first_seq,
    filter_subjects: `ct-report.${jobId}`,
  });
  for (let reached = first_seq - 1, silent = 0; reached < last_seq && silent < 5; ) {
    const before = reached;
    for await (const message of await consumer.fetch({ max_messages: 32, expires: 1_000 })) {
      reached = message.seq;
      onPiece({ name: decodeURIComponent(message.headers?.get(nameHeader) ?? ''), bytes: message.data });
      if (reached >= last_seq) break;
    }
    silent = reached > before ? 0 : silent + 1;
  }
}
