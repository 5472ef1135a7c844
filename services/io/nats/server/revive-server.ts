import { eventStream, hintBucket } from '../../../../events/streams.ts';
import { messageOf } from '../../../floor/app-error.ts';
import type { Log } from '../../log.ts';
import type { Nats } from '../connection.ts';
import type { EmbeddedServer } from './embedded-server.ts';

const everyMs = 500;
/** Looks in a row that fail before the server is started again. */
const patience = 3;
/** How long one question waits, in ms. */
const askMs = 2_000;

type ServerWatch = {
  /** Something was refused that should not have been: whether the log takes anything is tried. */
  suspect(): void;
  stop(): void;
};

type Watching = {
  readonly nats: Nats;
  readonly server: Pick<EmbeddedServer, 'restart'>;
  readonly logger: Log;
  readonly isFull: () => boolean;
  /** Gives the server what was kept back for it on a full disk; false where nothing is. */
  readonly giveRoom: () => boolean;
};

/**
 * A server whose disk was full switches its streams off and never on again. While it answers, but not for the log, or takes
 * nothing more, it is started again, like one that died.
 */
export function reviveServer({ nats, server, logger, isFull, giveRoom }: Watching): ServerWatch {
  let failed = 0;
  let looking = false;

  const ask = async (subject: string, payload: string) => {
    const answer = await nats.connection.request(subject, payload, { timeout: askMs });
    const { error } = answer.json<{ error?: { description: string } }>();
    if (error) throw new Error(error.description);
  };
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      await ask(`$JS.API.STREAM.INFO.${eventStream.name}`, '');
      // What was refused for want of room is asked for once more: the log may answer and take nothing.
      if (failed > 0) await ask(`$KV.${hintBucket.name}.alive`, 'alive');
      failed = 0;
    } catch (error) {
      failed += 1;
      // While the disk is full another start ends as this one did, unless there is room for it: then what is old is erased.
      if (failed < patience || (isFull() && !giveRoom())) return;
      failed = 0;
      logger.error({ error: messageOf(error) }, 'the log answers nothing any more, its server is started again');
      await server.restart().catch(() => {});
    } finally {
      looking = false;
    }
  };
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();
  return {
    suspect: () => {
      failed = Math.max(failed, 1);
    },
    stop: () => clearInterval(timer),
  };
}
