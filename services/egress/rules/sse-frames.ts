import { type ServerEvent, sseReader } from './sse-reader.ts';

/** Hands on a stream of events but for some of them, without another byte changed. */
type SseFrames = { take(chunk: Buffer): Buffer; end(): Buffer };

/** What is longer is handed on as it is. */
const longest = 2 ** 20;

/** Leaves out the events that `isLeftOut` names; holds back no more than the event that is not complete yet. */
export function sseFrames(isLeftOut: (event: ServerEvent) => boolean): SseFrames {
  let held = Buffer.alloc(0);
  const kept = (frame: Buffer): Buffer => {
    const reader = sseReader();
    const events = [...reader.take(frame), ...reader.end()];
    return events.length === 1 && events.every(isLeftOut) ? Buffer.alloc(0) : frame;
  };
  return {
    take: (chunk) => {
      held = Buffer.concat([held, chunk]);
      const out: Buffer[] = [];
      for (let end = frameEnd(held); end > 0; end = frameEnd(held)) {
        out.push(kept(held.subarray(0, end)));
        held = held.subarray(end);
      }
      if (held.length > longest) {
        out.push(held);
        held = Buffer.alloc(0);
      }
      return Buffer.concat(out);
    },
    end: () => {
      const rest = held.length === 0 ? held : kept(held);
      held = Buffer.alloc(0);
      return rest;
    },
  };
}

const marks = ['\n\n', '\r\n\r\n', '\r\r'] as const;

/** Where the first event ends, behind its empty line; 0 where none is complete. */
function frameEnd(bytes: Buffer): number {
  const ends = marks.flatMap((mark) => {
    const at = bytes.indexOf(mark);
    return at < 0 ? [] : [at + mark.length];
  });
  return ends.length === 0 ? 0 : Math.min(...ends);
}
