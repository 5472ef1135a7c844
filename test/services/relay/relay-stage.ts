import { subscriberStream } from '../../../events/streams.ts';
import { systemClock } from '../../../services/floor/clock.ts';
import type { EventLog } from '../../../services/io/event-log.ts';
import { silent } from '../../../services/io/log.ts';
import { subscriberSubject } from '../../../services/io/nats/accounts/subscriber-stream.ts';
import { makeUserKey } from '../../../services/io/nats/accounts/user-key.ts';
import type { Nats } from '../../../services/io/nats/connection.ts';
import { openBucket } from '../../../services/io/nats/stores/bucket.ts';
import { startProjector } from '../../../services/projector/projector.ts';
import { startRelay } from '../../../services/relay/relay.ts';
import { sampleDraft } from '../../events/stored-payloads.ts';
import { type Parts, withNats } from '../../support/farm-parts.ts';

export type Heard = { readonly seq: number; readonly subject: string; readonly type: string };

export type Stage = Parts & {
  /** Another relay, as another process would run it. */
  relay(): Promise<{ stop(): Promise<void> }>;
  subscribe(name: string, more?: Partial<Asked>): Promise<number>;
  /** Appends cancellations of jobs, of two projects in turn. */
  happen(count: number): Promise<void>;
  /** All that lies there for a subscriber, in its order. */
  heard(name: string): Promise<Heard[]>;
};

type Asked = { events: string[]; projects: string[]; from_seq: number };

/** A real server, a log and read models, for the time of some work with relays. */
export function withStage(work: (stage: Stage) => Promise<void>): Promise<void> {
  return withNats(async (parts) => {
    const { dir, nats, log } = parts;
    const hints = await openBucket(nats, { name: 'CT_HINTS', ttlMs: 0, replicas: 1 });
    const models = await startProjector({ dir, log, logger: silent });
    const relays: { stop(): Promise<void> }[] = [];
    const deps = { nats, log, hints, models, logger: silent, clock: systemClock, config: { logRetentionDays: 1 } };
    try {
      await work({
        ...parts,
        relay: async () => {
          const one = await startRelay(deps);
          relays.push(one);
          return one;
        },
        subscribe: (name, more) => subscribe(log, name, more),
        happen: (count) => happen(log, count),
        heard: (name) => heard(nats, name),
      });
    } finally {
      await Promise.all(relays.map((one) => one.stop()));
      await models.close();
    }
  });
}

async function subscribe(log: EventLog, name: string, more: Partial<Asked> = {}): Promise<number> {
  const { from_seq = 1, events = [], projects = [] } = more;
  const data = {
    name,
    public_key: makeUserKey().publicKey,
    hearing: { events, projects, severities: [] },
    from_seq,
    by: 'test',
  };
  return (await log.append({ type: 'SubscriberAdded', id: name, data })).seq;
}

let jobs = 0;

async function happen(log: EventLog, count: number): Promise<void> {
  const append = () => {
    jobs += 1;
    const job_id = `${process.pid}x${jobs}`.padStart(26, '0');
    const draft = sampleDraft('JobCancelRequested', job_id, { job_id, project: jobs % 2 ? 'odd' : 'even' });
    return log.append(draft, { durable: false });
  };
  await Promise.all(Array.from({ length: count }, append));
}

async function heard(nats: Nats, name: string): Promise<Heard[]> {
  const found: Heard[] = [];
  const consumer = await nats.js.consumers.get(subscriberStream.name, { filter_subjects: subscriberSubject(name) });
  const { num_pending: pending } = await consumer.info();
  if (pending === 0) return [];
  for await (const { headers } of await consumer.fetch({ max_messages: pending, expires: 5_000 })) {
    found.push({
      seq: Number(headers?.get('Ct-Sequence')),
      subject: headers?.get('Ct-Subject') ?? '',
      type: headers?.get('ce-type') ?? '',
    });
  }
  return found;
}
