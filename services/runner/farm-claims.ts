import { createCurve } from '@nats-io/nkeys';
import { headers as natsHeaders } from '@nats-io/transport-node';
import type { Recorded } from '../../events/registry.ts';
import { textualJson } from '../../events/strange-text.ts';
import { claimSubject } from '../../events/subjects.ts';
import { AppError, type ErrorCode, messageOf } from '../floor/app-error.ts';
import type { EventLog } from '../io/event-log.ts';
import type { LogStream } from '../io/log-stream.ts';
import type { Nats } from '../io/nats/connection.ts';
import { openLogWriter } from '../io/nats/output/log-writer.ts';
import { saveReports } from '../io/nats/output/report-stream.ts';
import type { Vault } from '../io/sealing/vault.ts';
import {
  type ClaimAnswers,
  type ClaimAsked,
  type ClaimRefusal,
  type ClaimVerb,
  leaseHeader,
} from '../jobs/claim-protocol.ts';
import type { FindSecrets } from '../jobs/find-secrets.ts';

/** How long one question waits for the farm, in ms. */
const patience = 5_000;

type Place = { readonly nats: Nats; readonly runner: string; readonly lease: string };
type JobPlace = Place & { readonly jobId: string };

/** Asks the farm. Throws AppError as the farm says it, ('unavailable') when nobody answers. */
export async function askFarm<V extends ClaimVerb>(
  { nats, runner }: Place,
  verb: V,
  asked: ClaimAsked<V>,
): Promise<ClaimAnswers[V]> {
  return answerOf(await request(nats, `${claimSubject(runner)}.${verb}`, textualJson(asked)));
}

/** The log as a job of this runner needs it: it says what happened to the job, and reads the draft that it proves. */
export function claimLog(place: JobPlace): Pick<EventLog, 'append' | 'last' | 'at' | 'flush'> {
  const { jobId: job_id, lease } = place;
  let ended = 0;
  return {
    append: async ({ type, data }, { cause } = {}) => {
      if (type !== 'RecipeExited' && type !== 'WorkspacePrepared')
        throw new AppError('forbidden', `A runner does not say ${type}.`);
      const once = String(cause?.ordinal ?? crypto.randomUUID());
      try {
        const { seq } = await patiently(() => askFarm(place, 'tell', { lease, type, job_id, data, once }));
        return { seq, eventId: '', duplicate: false };
      } catch (error) {
        if (error instanceof AppError && error.code === 'conflict' && typeof error.cause === 'number')
          ended = error.cause;
        throw error;
      }
    },
    // Asked only for the end that stands in the way of ours.
    last: async (type) => (ended > 0 ? ({ type, seq: ended } as Recorded as never) : null),
    at: async (seq) => {
      const { patch_id, diff } = await patiently(() => askFarm(place, 'draft', { lease, job_id, seq }));
      return { type: 'PatchDrafted', seq, data: { patch_id, diff } } as Recorded;
    },
    flush: async () => {},
  };
}

/** Where a job's output goes: to the farm, which stores it. */
export function claimLogs({ nats, runner, lease }: Place): Pick<LogStream, 'writer' | 'saveReports'> {
  const js = {
    publish: async (
      subject: string,
      payload: Uint8Array,
      { msgID, headers = natsHeaders() }: { msgID: string; headers?: ReturnType<typeof natsHeaders> },
    ) => {
      headers.set(leaseHeader, lease);
      headers.set('Ct-Once', msgID);
      const message = await request(nats, `${claimSubject(runner)}.put.${subject}`, payload, headers);
      return answerOf<{ seq: number }>(message);
    },
  };
  const streams = { js } as never;
  return {
    writer: (jobId) => openLogWriter(js as never, jobId),
    saveReports: (jobId, reports) => saveReports(streams, jobId, reports),
  };
}

/** Which secrets the job of this runner may have. */
export function claimSecrets(place: JobPlace): FindSecrets {
  const { lease, jobId: job_id } = place;
  return async () => (await patiently(() => askFarm(place, 'secrets', { lease, job_id }))).found;
}

/** The secrets that a job names, each opened with a key that was made for it alone. */
export function claimVault(place: JobPlace): Pick<Vault, 'get'> {
  return {
    get: async (ref) => {
      const pair = createCurve();
      try {
        const key = pair.getPublicKey();
        const { lease, jobId: job_id } = place;
        const { sealed, from } = await patiently(() => askFarm(place, 'secret', { lease, job_id, ref, key }));
        const plain = pair.open(Buffer.from(sealed, 'base64'), from);
        if (plain === null) throw new AppError('unavailable', 'A secret of the job cannot be opened.');
        return Buffer.from(plain).toString('utf8');
      } finally {
        pair.clear();
      }
    },
  };
}

/** Asks again while nobody answers, for a quarter of a minute. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof AppError && error.code === 'unavailable';
      if (!isAway || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
}

async function request(nats: Nats, subject: string, payload: string | Uint8Array, headers = natsHeaders()) {
  try {
    return await nats.connection.request(subject, payload, { timeout: patience, headers });
  } catch (cause) {
    throw new AppError('unavailable', `The farm does not answer: ${messageOf(cause)}.`, { cause });
  }
}

function answerOf<T>(message: { json: <J>() => J }): T {
  const answer = message.json<T | ClaimRefusal>();
  if (typeof answer !== 'object' || answer === null || !('refused' in answer)) return answer as T;
  const { code, message: words, seq } = answer.refused;
  throw new AppError(code as ErrorCode, words, seq === undefined ? {} : { cause: seq });
}
