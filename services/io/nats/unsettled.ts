import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Nats } from './connection.ts';

/**
 * How many messages a consumer has not settled. nats-server 2.9 sometimes goes on counting as pending what was acknowledged,
 * until it starts anew; so its count is believed only while a message of the subject lies behind the last acknowledged one.
 */
export async function unsettled({ jsm }: Pick<Nats, 'jsm'>, info: ConsumerInfo): Promise<number> {
  const { num_pending, num_ack_pending, ack_floor, config, stream_name } = info;
  const counted = num_pending + num_ack_pending;
  if (num_pending === 0 || num_ack_pending > 0 || config.filter_subject === undefined) return counted;
  const last = await jsm.streams.getMessage(stream_name, { last_by_subj: config.filter_subject });
  return last !== null && last.seq > ack_floor.stream_seq ? counted : 0;
}
