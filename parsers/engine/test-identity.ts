/** What names a test, of a finding or in a result file. */
export type TestName = {
  /** The whole name without what joins its parts: `tests test_a TestCart test_off[50]`. */
  readonly words: string;
  /** The last part. */
  readonly own: string;
  readonly file: string | null;
  /** Why it failed; one that the tool did not name is known by nothing else. */
  readonly message: string;
  readonly isNamed: boolean;
};

const longest = 1000;
const longestMessage = 120;
const joints = / > | \u203a |::/;
const allJoints = / > | \u203a |::/g;
const extension =
  /\.(?:[cm]?[jt]sx?|py|rb|php|bats|t|java|kt|cs|go|rs|swift|exs?|feature|spec|test)(?=$|[\s:/\u203a>.])/g;

/** Runners join the parts of a name in many ways, and name the file as a path, a module or not at all. */
export function testName(code: string, file: string | null, message = ''): TestName {
  const text = code.slice(0, longest);
  return {
    words: inWords(text),
    own: text.split(joints).at(-1) ?? text,
    file,
    message: message.replace(/\s{2,}[\s\S]*$/, '').slice(0, longestMessage),
    isNamed: file === null || !text.startsWith(`${file}: `),
  };
}

function inWords(text: string): string {
  return text
    .replace(allJoints, ' ')
    .replace(extension, '')
    .replace(/[\s/\\.:#$\u203a>]+/g, ' ')
    .trim();
}

/** Under what names that may be of one test are looked for. */
export function keysOf({ words, message, isNamed }: TestName): string[] {
  const byMessage = `\u0000${message}`;
  return isNamed ? [words.slice(words.lastIndexOf(' ') + 1), byMessage] : [byMessage];
}

/**
 * Whether two names are of one test: one of them is the end of the other, or both are of one file and end alike. One that the
 * tool did not name is the one of that file that failed for the same reason.
 */
export function areOne(one: TestName, other: TestName): boolean {
  if (!one.isNamed || !other.isNamed) return one.message === other.message && isOfFile(one, other);
  if (one.words === other.words) return true;
  const [short, long] = one.words.length < other.words.length ? [one, other] : [other, one];
  // A file tells more than the names around it.
  const isApart = one.file !== null && other.file !== null && one.file !== other.file;
  if (long.words.endsWith(` ${short.words}`)) return !isApart || short.words.includes(' ');
  return one.file !== null && one.file === other.file && one.own === other.own;
}

const ofTests = /(?:^|[/._-])(?:tests?|specs?|conftest|__tests__)(?:$|[/._-])/i;

/** Whether the place may be that of the test; where it is none of tests, the test failed in what it called. */
function isOfFile(one: TestName, other: TestName): boolean {
  if (one.isNamed === other.isNamed) return false;
  const [unnamed, named] = one.isNamed ? [other, one] : [one, other];
  if (!ofTests.test(unnamed.file ?? '')) return true;
  if (named.file !== null) return named.file === unnamed.file;
  return ` ${named.words} `.includes(` ${inWords(unnamed.file ?? '')} `);
}
