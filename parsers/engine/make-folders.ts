import type { Folder } from './repository-path.ts';

type MakeFolders = {
  /** Takes note of a line of make's, or ninja's, about folders. */
  line(line: string): void;
  readonly now: Folder | null;
};

const maxDepth = 64;
const entering = /^(?:\w{0,20}make(?:\[\d{1,4}\])?|ninja): Entering directory [`'"\u2018](.{1,1000})['"\u2019]$/;
const leaving = /^\w{0,20}make(?:\[\d{1,4}\])?: Leaving directory [`'"\u2018].{1,1000}['"\u2019]$/;

/** Follows `make: Entering directory '/x'`: tools print paths from there. With `-j` the lines of folders mix. */
export function makeFolders(): MakeFolders {
  const folders: Folder[] = [];
  return {
    line(line) {
      if (!line.includes('ing directory ')) return;
      const into = entering.exec(line)?.[1];
      if (into === undefined) {
        if (leaving.test(line)) folders.pop();
      } else if (folders.length < maxDepth) folders.push({ path: into });
    },
    get now() {
      return folders.at(-1) ?? null;
    },
  };
}
