import { eventStream, logStream, subscriberStream } from '../../../events/streams.ts';
import type { Nats } from './connection.ts';

export type StreamSize = { readonly stream: string; readonly bytes: number; readonly messages: number };

/** How much the streams of a farm hold; one that does not answer is left out. */
export async function streamSizes({ jsm }: Pick<Nats, 'jsm'>): Promise<StreamSize[]> {
  const asked = [eventStream, logStream, subscriberStream].map(async ({ name }) => {
    const info = await jsm.streams.info(name).catch(() => null);
    return info === null ? [] : [{ stream: name, bytes: info.state.bytes, messages: info.state.messages }];
  });
  return (await Promise.all(asked)).flat();
}
