/** Longer than any event with its envelope, in UTF-16 code units: a line beyond it is no line of ours. */
const longestLine = 4_000_000;

/** The lines of an answer as they arrive, empty ones left out; `wait` runs while nothing has come. Throws when a line is endless or the answer is cut off. */
export async function* readLines(
  response: Response,
  wait: { start(): void; stop(): void },
): AsyncGenerator<string, void, undefined> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let held = '';
  for (;;) {
    wait.start();
    const { done, value } = await reader.read();
    wait.stop();
    if (done) return;
    const lines = (held + decoder.decode(value, { stream: true })).split('\n');
    // A last line without its end was cut off: it comes again.
    held = lines.pop() ?? '';
    if (held.length > longestLine) throw new Error(`a line is longer than ${longestLine} characters`);
    for (const line of lines) if (line !== '') yield line;
  }
}
