import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';
import { printable } from '../../floor/text/printable.ts';
import { reportFilter } from '../print/report-filter.ts';

/** A line of which no end is in sight is shown in pieces of this many characters. */
const longest = 4096;

type LiveLines = {
  write(pipe: 'stdout' | 'stderr', bytes: Buffer): void;
  /** Shows what has no line end. */
  end(): void;
};

/** Shows what a recipe prints for people, line by line and harmless, cut at the edge of the terminal: the whole of it is read elsewhere. */
export function liveLines(
  show: (line: string) => void,
  { prefix, columns }: { prefix: string; columns: number },
): LiveLines {
  const pipes = { stdout: openPipe(), stderr: openPipe() };
  const room = Math.max(20, columns - prefix.length);
  const line = (text: string) => {
    // What a progress bar wrote over itself is shown as it stood in the end.
    const last = text.replace(/\r+$/, '').split('\r').at(-1) ?? '';
    const clean = printable(stripVTControlCharacters(last).replaceAll('\t', '  '));
    show(prefix + (clean.length > room ? `${clean.slice(0, room - 1)}…` : clean));
  };
  return {
    write: (name, bytes) => {
      const pipe = pipes[name];
      const lines = (pipe.rest + pipe.filter.write(pipe.decoder.write(bytes))).split('\n');
      pipe.rest = lines.pop() ?? '';
      for (const text of lines) line(text);
      if (pipe.rest.length < longest) return;
      line(pipe.rest);
      pipe.rest = '';
    },
    end: () => {
      for (const pipe of Object.values(pipes)) {
        const rest = pipe.rest + pipe.filter.write(pipe.decoder.end()) + pipe.filter.end();
        if (rest !== '') for (const text of rest.replace(/\n$/, '').split('\n')) line(text);
        pipe.rest = '';
      }
    },
  };
}

function openPipe() {
  return { decoder: new StringDecoder('utf8'), filter: reportFilter(), rest: '' };
}
