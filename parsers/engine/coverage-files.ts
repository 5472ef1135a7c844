import { coverageFormats } from '../coverage/registry.ts';
import { type CoverageSum, coverageRoom, coverageSum, joined, type ParsedCoverage } from './coverage-sum.ts';
import type { Places } from './repository-path.ts';

/** Characters of a file by which its format is known. */
export const coverageHead = 4096;

/** One file that holds coverage. */
export type CoverageFile = { write(chunk: Uint8Array): void; end(): void };

export type CoverageFiles = {
  /** The file that begins so, when it holds coverage; else null. `name` is for words. */
  open(name: string, head: string): CoverageFile | null;
  /** What all of them say; null where there was none, or one could not be read: a part of it would be a wrong figure. */
  read(): ParsedCoverage | null;
  /** Whether some file held coverage. */
  readonly seen: boolean;
};

/** Reads the files of a run that hold coverage. What is wrong with one of them is told to `note`. */
export function coverageFiles(places: Places, note: (text: string) => void): CoverageFiles {
  const sums = new Map<string, CoverageSum>();
  const room = coverageRoom();
  let seen = false;
  let spoilt = false;
  return {
    get seen() {
      return seen;
    },
    open(name, head) {
      const format = coverageFormats.find((one) => one.is(head));
      if (format === undefined) return null;
      seen = true;
      const sum = sums.get(format.name) ?? coverageSum(format.name, places, room);
      sums.set(format.name, sum);
      const machine = format.start(sum.add);
      const decoder = new TextDecoder();
      return {
        write: (chunk) => machine.write(decoder.decode(chunk, { stream: true })),
        end() {
          machine.write(decoder.decode());
          const problem = machine.end() ?? sum.problem;
          if (problem === null) return;
          spoilt = true;
          note(`${name.slice(0, 200)}: the coverage report (${format.name}) ${problem}: the run has no coverage`);
        },
      };
    },
    read: () => (spoilt ? null : joined([...sums.values()])),
  };
}
