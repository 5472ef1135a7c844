/** One server-sent event: its name, `message` where it has none, and its data. */
export type ServerEvent = { readonly name: string; readonly data: string };

type SseReader = {
  /** Takes bytes, parted anywhere; answers the events that they complete. */
  take(bytes: Uint8Array): ServerEvent[];
  /** The end of the stream: what was not ended by an empty line is read all the same. */
  end(): ServerEvent[];
};

const [lineFeed, carriageReturn] = [10, 13];

/**
 * Reads `text/event-stream` (WHATWG HTML, 9.2.6) from bytes that may be parted inside a character, a line end or an event.
 * A line longer than `maxLine` bytes is passed over, so that a stream without line ends takes no memory.
 */
export function sseReader(maxLine = 32 * 2 ** 20): SseReader {
  let parts: Uint8Array[] = [];
  let length = 0;
  let overlong = false;
  let afterReturn = false;
  let isFirst = true;
  let name = '';
  let data: string[] = [];

  const line = (events: ServerEvent[]): void => {
    const raw = overlong ? '' : Buffer.concat(parts).toString('utf8');
    const text = isFirst ? raw.replace(/^\uFEFF/, '') : raw;
    const skipped = overlong;
    [parts, length, overlong, isFirst] = [[], 0, false, false];
    if (skipped) return;
    if (text === '') {
      dispatch(events);
      return;
    }
    const colon = text.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
  };
  const dispatch = (events: ServerEvent[]): void => {
    if (data.length > 0) events.push({ name: name || 'message', data: data.join('\n') });
    [name, data] = ['', []];
  };
  const keep = (bytes: Uint8Array): void => {
    if (bytes.length === 0 || overlong) return;
    length += bytes.length;
    if (length > maxLine) [parts, overlong] = [[], true];
    else parts.push(Buffer.from(bytes));
  };
  return {
    take(bytes) {
      const events: ServerEvent[] = [];
      let from = 0;
      for (let at = 0; at < bytes.length; at += 1) {
        const byte = bytes[at];
        if (byte !== lineFeed && byte !== carriageReturn) {
          afterReturn = false;
          continue;
        }
        if (byte === lineFeed && afterReturn) {
          afterReturn = false;
          from = at + 1;
          continue;
        }
        keep(bytes.subarray(from, at));
        line(events);
        from = at + 1;
        afterReturn = byte === carriageReturn;
      }
      keep(bytes.subarray(from));
      return events;
    },
    end() {
      const events: ServerEvent[] = [];
      if (length > 0) line(events);
      dispatch(events);
      return events;
    },
  };
}
