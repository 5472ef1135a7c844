import { setTimeout as pause } from 'node:timers/promises';
import { isAppError } from '../../floor/app-error.ts';
import type { ApiClient } from './api-client.ts';
import { type SentMessage, sentMessages } from './server-sent.ts';

/** How often in a row a service that has gone is asked again, and after how many ms. */
const mostTries = 30;
const betweenTriesMs = 1_000;

type Resuming = { readonly signal?: AbortSignal; readonly from?: string; readonly onLost?: (why: string) => void };

/**
 * Messages of a stream that goes on. A service that goes away is asked again for half a minute and goes on after the last
 * message that came: none is missing, none comes twice. Throws AbortError when the signal says so.
 */
export async function* resumedMessages(
  api: ApiClient,
  path: string,
  { signal, from = '', onLost = () => {} }: Resuming,
): AsyncGenerator<SentMessage> {
  let lastEventId = from;
  for (let tries = 0; ; tries += 1) {
    try {
      const options = { accept: 'text/event-stream', lastEventId, ...(signal ? { signal } : {}) };
      for await (const message of sentMessages(await api.stream(path, options))) {
        tries = 0;
        lastEventId = message.id;
        yield message;
      }
    } catch (error) {
      if (!isAppError(error, 'unavailable') || tries >= mostTries) throw error;
      if (tries === 0) onLost(error.message);
    }
    await pause(betweenTriesMs, undefined, signal ? { signal } : {});
  }
}
