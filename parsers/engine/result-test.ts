import type { Run, TestResult } from '../define.ts';
import { placeInText } from './place-in-text.ts';

/** A test of a result file with all that is said of it. */
type ToldTest = Omit<TestResult, 'outcome'> & {
  /** Null where the file does not say. */
  readonly outcome: TestResult['outcome'] | null;
  /** Its stable name, as a finding's code. */
  readonly code: string;
  readonly line?: number | null;
  readonly message: string;
  /** The stack, or the text around the failure, in which the place is looked for. */
  readonly trace?: string;
  readonly raw: unknown;
  /** When the file is read for several tools. */
  readonly tool?: string;
};

const escapes = /\u001b\[[0-9;]{0,20}m/g;
const mostWords = 2000;

/** Counts a test, and reports it when it failed in the end. Whether it did. */
export function tellTest({ outcome, ...test }: ToldTest, run: Run): boolean {
  if (outcome === null) {
    // An entry without words is said to be unreadable.
    run.report({ kind: 'test_fail', severity: 'error', code: test.code, message: '', raw: test.raw });
    return false;
  }
  run.counted({ [outcome]: 1 }, test.tool);
  run.test({ ...test, outcome });
  if (outcome !== 'failed') return false;
  const { code, file = null, line = null, raw } = test;
  const place = (test.trace ? placeInText(test.trace.replace(escapes, ''), run) : null) ?? { file, line, column: null };
  const words = test.message
    .slice(0, 4 * mostWords)
    .replace(escapes, '')
    .split('\n');
  const end = words.findIndex((one, at) => at > 0 && /^\s{2,}at \S/.test(one));
  // pytest marks what it has to say among the lines of the source.
  const marked = words.filter((one) => /^E {2,}\S/.test(one)).map((one) => one.slice(1));
  const said = marked.length > 0 ? marked : end === -1 ? words : words.slice(0, end);
  const message = said.map((one) => one.trim()).filter((one) => one !== '');
  run.report({
    kind: 'test_fail',
    severity: 'error',
    code,
    ...(test.tool === undefined ? {} : { tool: test.tool }),
    message: message.join(' ').slice(0, mostWords) || 'failed',
    file: place.file,
    line: place.line,
    column: place.column,
    raw,
  });
  return true;
}

/** A suite and a name as one; what the name begins with already is not said twice. */
export function codeOf(suite: string | null, name: string, joint = ' > '): string {
  const parts = (suite ?? '').split(joint).filter((part) => part !== '');
  if (parts[0] !== undefined && name.startsWith(parts[0])) return name;
  while (parts.length > 0 && name.startsWith(parts.at(-1) ?? '')) parts.pop();
  return [...parts, name].join(joint);
}
