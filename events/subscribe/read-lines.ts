/** Longer than any event with its envelope, in UTF-16 code units: a line beyond it is no line of ours. */
const longestLine = 4_000_000;

/** The lines of a text as it arrives, empty ones left out. Throws when a line is endless. */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let held = '';
  for await (const chunk of chunks) {
    const lines = (held + chunk).split('\n');
    // A last line without its end was cut off: it comes again.
    held = lines.pop() ?? '';
    if (held.length > longestLine) throw new Error(`a line is longer than ${longestLine} characters`);
    for (const line of lines) if (line !== '') yield line;
  }
}
