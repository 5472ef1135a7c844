export type ServerSent = { id?: string; event?: string; data: string };

/** The events of a text/event-stream; comments are left out. */
export function eventsOf(text: string): ServerSent[] {
  const blocks = text.split('\n\n').map((block) => block.split('\n').filter((line) => !line.startsWith(':')));
  return blocks
    .filter((lines) => lines.some((line) => line.startsWith('data:')))
    .map((lines) => {
      const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      const [id, event] = [field('id'), field('event')];
      const data = lines
        .filter((line) => line.startsWith('data: '))
        .map((line) => line.slice(6))
        .join('\n');
      return { ...(id === undefined ? {} : { id }), ...(event === undefined ? {} : { event }), data };
    });
}

/** The lines of an answer as they arrive. */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of response.body ?? []) {
    const lines = (held + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
    held = lines.pop() ?? '';
    yield* lines;
  }
  if (held !== '') yield held;
}
