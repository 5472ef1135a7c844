/** What a scan came to: the document ended before `at`, broke off as no JSON at `at`, or wants the next line. */
export type Scan = { readonly state: 'done' | 'failed' | 'open'; readonly at: number };

type JsonScanner = {
  /** Forgets what was read. */
  reset(): void;
  /** Reads on in `text` from `from`. Its end is the end of a line: no token reaches over it. */
  feed(text: string, from: number): Scan;
};

const maxDepth = 512;
const scalar = /(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)/y;

// What may come next.
const value = 0;
const valueOrEnd = 1;
const key = 2;
const keyOrEnd = 3;
const colon = 4;
const commaOrEnd = 5;

/**
 * Follows the grammar of JSON far enough to find where a document ends, and to notice at the first wrong token that
 * something only looks like one. One pass, no copies; `JSON.parse` has the last word on what it accepts.
 */
export function jsonScanner(): JsonScanner {
  const inObject = new Uint8Array(maxDepth);
  let depth = 0;
  let expect = value;

  /** Returns -1 to go on, 0 for wrong, 1 for the end of the document. */
  const structural = (char: number): -1 | 0 | 1 => {
    if (char === 123 || char === 91) {
      if (expect > valueOrEnd || depth === maxDepth) return 0;
      inObject[depth] = char === 123 ? 1 : 0;
      depth += 1;
      expect = char === 123 ? keyOrEnd : valueOrEnd;
      return -1;
    }
    const object = inObject[depth - 1] === 1;
    if (char === 125 || char === 93) {
      const mayEnd = expect === commaOrEnd || expect === (object ? keyOrEnd : valueOrEnd);
      if (!mayEnd || object !== (char === 125)) return 0;
      depth -= 1;
      expect = commaOrEnd;
      return depth === 0 ? 1 : -1;
    }
    if (char === 44 && expect === commaOrEnd) {
      expect = object ? key : value;
      return -1;
    }
    if (char === 58 && expect === colon) {
      expect = value;
      return -1;
    }
    return 0;
  };

  const feed = (text: string, from: number): Scan => {
    let at = from;
    while (at < text.length) {
      const char = text.charCodeAt(at);
      if (char === 32 || char === 9 || char === 13) at += 1;
      else if (char === 34) {
        if (expect > keyOrEnd) return { state: 'failed', at };
        at = endOfString(text, at);
        if (at === -1) return { state: 'failed', at: text.length };
        expect = expect >= key ? colon : commaOrEnd;
      } else if (char === 45 || (char >= 48 && char <= 57) || char === 116 || char === 102 || char === 110) {
        scalar.lastIndex = at;
        if (expect > valueOrEnd || !scalar.test(text)) return { state: 'failed', at };
        at = scalar.lastIndex;
        expect = commaOrEnd;
      } else {
        const step = structural(char);
        if (step === 0) return { state: 'failed', at };
        at += 1;
        if (step === 1) return { state: 'done', at };
      }
    }
    return { state: 'open', at };
  };
  return {
    reset() {
      depth = 0;
      expect = value;
    },
    feed,
  };
}

/** The position after the closing quote of the string that opens at `open`, or -1 when the line ends first. */
function endOfString(text: string, open: number): number {
  let from = open + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) return -1;
    let before = quote - 1;
    while (text.charCodeAt(before) === 92) before -= 1;
    if ((quote - 1 - before) % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}
