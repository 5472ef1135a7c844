const newline = 10;

/** The offsets after each line end in these bytes; `from` is the offset of the first of them. */
export function lineEnds(bytes: Uint8Array, from: number): number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) ends.push(from + at + 1);
  return ends;
}

/** Of the first `length` sorted numbers, how many are not greater than a value. */
export function countUpTo(sorted: ArrayLike<number>, value: number, length = sorted.length): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? Number.POSITIVE_INFINITY) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

const trouble = /\b(?:error|fail(?:ed|ure|ures)?|panic(?:ked)?|fatal|exception|traceback|segmentation fault)\b/i;
/** An error by its class, as Python, Java and JavaScript name them. */
const named = /\b(?:[A-Z]\w*)?(?:Error|Exception)(?=:|\s*$)/;
const calm = /\b(?:0|no) (?:error|fail)|fail(?:ed|ures?)?[:=]? ?0\b|error[s:]* 0\b/i;

/** Whether a line of a log says that something went wrong. */
export const saysTrouble = (line: string): boolean => (trouble.test(line) || named.test(line)) && !calm.test(line);
