export type MakeFolders = {
  /** Whether the line was one of make's, or ninja's, about folders. */
  line(line: string): boolean;
  /** A printed path as one from the folder that make is in. */
  path(printed: string): string;
};

const maxDepth = 64;
const entering = /^(?:\w{0,20}make(?:\[\d{1,4}\])?|ninja): Entering directory [`'"](.{1,1000})['"]$/;
const leaving = /^\w{0,20}make(?:\[\d{1,4}\])?: Leaving directory [`'"].{1,1000}['"]$/;

/** Follows `make: Entering directory '/x'`: compilers print paths from there. With `-j` the lines of folders mix. */
export function makeFolders(): MakeFolders {
  const folders: string[] = [];
  return {
    line(line) {
      const into = entering.exec(line)?.[1];
      if (into !== undefined) {
        if (folders.length < maxDepth) folders.push(into);
        return true;
      }
      if (!leaving.test(line)) return false;
      folders.pop();
      return true;
    },
    path(printed) {
      const folder = folders.at(-1);
      return folder === undefined || /^(?:\/|[A-Za-z]:)/.test(printed) ? printed : `${folder}/${printed}`;
    },
  };
}
