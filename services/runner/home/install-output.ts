import { StringDecoder } from 'node:string_decoder';

type Pipe = 'stdout' | 'stderr';

/** Of what an install printed, kept for when it fails. */
const mostKept = 65_536;
const longestLine = 4096;

/**
 * Shows what an install prints as lines of ours, which no parser takes for the word of a tool. When it fails, its own
 * words are wanted: `kept` are the last of them, as they were printed.
 */
export function installOutput(show: (line: string) => void | Promise<void>) {
  const pipes = { stdout: openPipe(), stderr: openPipe() };
  const last: { pipe: Pipe; bytes: Buffer }[] = [];
  let size = 0;
  return {
    write: async (pipe: Pipe, bytes: Buffer): Promise<void> => {
      last.push({ pipe, bytes });
      size += bytes.length;
      while (size > mostKept && last.length > 1) size -= last.shift()?.bytes.length ?? 0;
      const at = pipes[pipe];
      const lines = (at.rest + at.decoder.write(bytes)).split('\n');
      at.rest = lines.pop() ?? '';
      if (at.rest.length > longestLine) lines.push(at.rest.slice(0, longestLine));
      if (at.rest.length > longestLine) at.rest = '';
      for (const line of lines) await show(`install: ${line.slice(0, longestLine)}`);
    },
    end: async (): Promise<void> => {
      for (const at of Object.values(pipes)) {
        const rest = at.rest + at.decoder.end();
        at.rest = '';
        if (rest !== '') await show(`install: ${rest}`);
      }
    },
    kept: () => last,
  };
}

function openPipe() {
  return { decoder: new StringDecoder('utf8'), rest: '' };
}
