/** One message of a stream of server-sent events; `id` is the last one that was said. */
export type SentMessage = { readonly id: string; readonly event: string; readonly data: string };

/** A message that is longer is not one of ours. */
const longestMessage = 16_777_216;

/** Takes the messages out of the text of a `text/event-stream` (HTML standard, section 9.2), however it was cut. */
export async function* sentMessages(chunks: AsyncIterable<string>): AsyncGenerator<SentMessage> {
  let rest = '';
  let id = '';
  for await (const chunk of chunks) {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop() ?? '';
    if (rest.length > longestMessage) throw new Error('a message of the stream has no end');
    for (const block of blocks) {
      const fields = block.split('\n').map(fieldOf);
      id = fields.findLast(([name]) => name === 'id')?.[1] ?? id;
      const event = fields.findLast(([name]) => name === 'event')?.[1] ?? 'message';
      const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
      if (data.length > 0) yield { id, event, data: data.join('\n') };
    }
  }
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const at = line.indexOf(':');
  if (at < 0) return [line, ''];
  return [line.slice(0, at), line.slice(line[at + 1] === ' ' ? at + 2 : at + 1)];
}
