import { eventStream, logStream, subscriberStream } from '../../../events/streams.ts';
import type { Nats } from './connection.ts';

export type StreamSize = {
  readonly stream: string;
  readonly bytes: number;
  readonly messages: number;
  readonly firstMs: number | null;
};

/** How much the streams of a farm hold; one that does not answer is left out. */
export async function streamSizes({ jsm }: Pick<Nats, 'jsm'>): Promise<StreamSize[]> {
  const asked = [eventStream, logStream, subscriberStream].map(async ({ name }) => {
    const info = await jsm.streams.info(name).catch(() => null);
    if (info === null) return [];
    const { bytes, messages, first_ts } = info.state;
    return [{ stream: name, bytes, messages, firstMs: messages > 0 ? Date.parse(first_ts) : null }];
  });
  return (await Promise.all(asked)).flat();
}
