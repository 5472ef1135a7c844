import type { Side } from './patch-reading.ts';
import type { TestCase } from './test-case.ts';

/** One assertion: `text` without white space and with one kind of quotes, `shape` with its literals taken out as well. */
export type Assertion = {
  readonly text: string;
  readonly shape: string;
  /** What it is called by: `assert`, `assertEqual`, `expect.toBe`. */
  readonly callee: string;
  readonly literals: readonly string[];
  /** 0 says nothing, 1 says that something is there or true, 2 says what it is. */
  readonly strength: 0 | 1 | 2;
  readonly line: number;
};

const begins =
  /\b(?:assert|Assert|refute|expect|EXPECT|ASSERT|CHECK|REQUIRE|XCTAssert|XCTUnwrap|TEST_ASSERT|BOOST_(?:CHECK|REQUIRE|TEST)|cr_assert|ck_assert|flunk)\w{0,60}\s{0,9}!?\s{0,9}[(.{]|^\s{0,200}assert\b|\b(?:assert|refute)_\w{1,40}[ \t]|\b(?:t|tb|b|require|is|assert|Assert|should)\s{0,9}\.\s{0,9}\w{1,40}\s{0,9}\(|\bXCTFail\b|\b(?:raises|warns|fail|panic|verify)\s{0,9}!?\s{0,9}\(|\.\s{0,9}(?:should|must|to)\b|\bshould_panic\b|\b(?:raise|throw)\b[^\n]{0,20}\bAssert\w{0,20}|\bmust_\w{1,30}/;
/** Where tests compare by the means of the language itself. */
const peculiar: readonly (readonly [ending: string, pattern: RegExp])[] = [
  ['_test.go', /^\s{0,200}(?:\}\s{0,9}else\s{1,9})?if\b[^\n]{1,500}(?:[!=]=|[<>]|!\s{0,9}\w)[^\n]{0,500}\{\s{0,9}$/],
  ['.bats', /^\s{0,200}(?:\[{1,2}|test)\s/],
];
/** What these are given is only said when a test has failed. */
const saysWhy =
  /\b(?:t|tb|b)\s{0,9}\.\s{0,9}(?:Error|Fatal|Fail)\w{0,5}\s{0,9}\(|\bXCTFail\b|^\s{0,200}(?:self\.|pytest\.)?fail\s{0,9}\(/;
/** Calls of a test's own context that test nothing. */
const idle =
  /\b(?:t|tb|b|is)\s{0,9}\.\s{0,9}(?:Log|Logf|Helper|Run|Parallel|Cleanup|Setenv|TempDir|Name|Deadline|Context|Skip\w{0,5}|plan|end|test|before|after|mock|diagnostic|teardown|timeout|context|signal|log)\s{0,9}\(/;
const loads =
  /^\s{0,200}(?:import|from|use|using|require\w{0,10}(?=\s{1,9}["'])|#\s{0,9}include|package|export|except|def|func|fn|class|void|public|private|\}?\s{0,9}catch)\b|\brequire\s{0,9}\(|^\s{0,200}(?:const|let|var)\s[^\n]{0,200}\bimport\b/;
const comparison =
  /[=!]==?|[<>]=?|\b(?:in|is|isinstance|matches!|contains|equals|startsWith|starts_with|endswith|startswith)\b/;
const weak =
  /toBeTruthy|toBeDefined|toBeFalsy|toBeNull\b|toBeUndefined|toBeNaN|toHaveBeenCalled\(\)|assertTrue|assertFalse|assertIsNone|assertIsNotNone|assertNull|assertNotNull|assert_nil|refute_nil|assert_not_nil|assert_not_null|\.NotNil\(|\.Nil\(|\.NotNull\(|\.Null\(|\.True\(|\.False\(|\.IsTrue\(|\.IsNotNull\(|be_truthy|be_falsy|be_nil|be_present|(?:EXPECT|ASSERT)_(?:TRUE|FALSE|NO_THROW|NE)\b|XCTAssert(?:True|False|NotNil|Nil|NoThrow|NotEqual)\b|XCTAssert\(|assertNotEquals?|assertNotSame|\.NotEqual\(|\.not\.to(?:Be|Equal|StrictEqual|Throw)\(|\.not\.toBe|not_to\b|assert\.ok\(|assertDoesNotThrow|assertInstanceOf|\.IsType\b|assert_ne!|CHECK\(|REQUIRE\(|\.NoError\(|\.to\.exist\b|\.be\.ok\b|debug_assert|expect\.any(?:thing)?\(|\bmock\.ANY\b|\bMatchers\.any|\.is(?:NotNull|NotEmpty|True|False|Null|Present)\(|\b(?:notNullValue|anything|shouldNotBeNull|NotBeNull|BeTrue|BeFalse|NotBeEmpty)\b/;
const bare = /^\s{0,200}(?:(?:debug_)?assert\b\s{0,9}!?|static_assert\b|REQUIRE\b|CHECK\b)/;
const standard =
  /\b(?:self|this|cls|t|assert\w{0,20}|Assert|expect|is|ok|XCTAssert\w{0,20}|(?:EXPECT|ASSERT|REQUIRE|CHECK)\w{0,12}|static_assert)\b(?=\s{0,9}!?\s{0,9}[.(])|\b[brfu]{1,2}(?=["'])/g;
const constant =
  /^(?:assert|refute|True|true|TRUE|YES|False|false|None|null|nil|undefined|not|to|be|eq|equal|is|and|or)$/;

export function assertionsOf(test: TestCase): Assertion[] {
  return read(test.lines, test.code, test.line, test.path);
}

export function assertionsIn(side: Side): Assertion[] {
  return read(side.lines, side.codeLines, 1, side.path);
}

function read(lines: readonly string[], code: readonly string[], first: number, path: string): Assertion[] {
  const own = peculiar.find(([ending]) => path.endsWith(ending))?.[1];
  const found: Assertion[] = [];
  for (let index = 0; index < code.length; index += 1) {
    const line = (code[index] ?? '').slice(0, 2000);
    if (own?.test(line) !== true && (!begins.test(line) || loads.test(line) || idle.test(line))) continue;
    const end = statementEnd(code, index, path.endsWith('.py'));
    const masked = code
      .slice(index, end)
      .map((one) => one.slice(0, 2000))
      .join('\n');
    const raw = lines
      .slice(index, end)
      .map((one, at) => one.slice(0, (code[index + at] ?? '').trimEnd().length))
      .join('\n');
    found.push(assertion(raw.slice(0, 8000), masked.slice(0, 8000), first + index));
    index = end - 1;
  }
  return found;
}

/** Up to where the brackets of the first line close; bodies in braces, which Python has not, are not part of it. */
function statementEnd(code: readonly string[], from: number, python: boolean): number {
  let depth = 0;
  for (let at = from; at < Math.min(code.length, from + 30); at += 1) {
    const line = (code[at] ?? '').slice(0, 2000);
    depth +=
      (line.match(python ? /[([{]/g : /[([]/g)?.length ?? 0) - (line.match(python ? /[)\]}]/g : /[)\]]/g)?.length ?? 0);
    if (depth <= 0 || (!python && /(?:=>|\)|\||\bdo)\s{0,9}\{?\s{0,9}$/.test(line) && /[{]\s{0,9}$/.test(line)))
      return at + 1;
  }
  return from + 1;
}

function assertion(raw: string, masked: string, line: number): Assertion {
  const text = squeezed(raw);
  const shape = squeezed(masked.replace(/(["'`])\s{0,8000}\1/g, '$1$1').replace(/\b\d[\w.]{0,40}/g, '0'));
  const called = masked.match(/[A-Za-z_]\w{0,80}(?=!?[(.])|\bassert\b/g) ?? [];
  const callee = called
    .filter((name) => begins.test(`${name}(`) || /^(?:to|not|is|eq|be|deep|strict|equal)/i.test(name))
    .join('.');
  return {
    text,
    shape,
    callee,
    literals: saysWhy.test(masked) ? [] : literalsOf(raw),
    strength: strengthOf(raw, masked, shape),
    line,
  };
}

function squeezed(text: string): string {
  return text
    .replace(/["'`]/g, '"')
    .replace(/\s+/g, '')
    .replace(/,(?=[)\]}])/g, '')
    .replace(/;$/, '');
}

/** Numbers and strings, in one way of writing them. */
export function literalsOf(raw: string): string[] {
  const found =
    raw
      .slice(0, 8000)
      .match(/"(?:[^"\\\n]|\\.){0,2000}"|'(?:[^'\\\n]|\\.){0,2000}'|`[^`]{0,2000}`|(?<![\w.])-?\d[\w.]{0,60}/g) ?? [];
  return found.map((one) =>
    /^["'`]/.test(one)
      ? `"${one.slice(1, -1)}`
      : one
          .replaceAll('_', '')
          .toLowerCase()
          .replace(/(\d)\.0$/, '$1'),
  );
}

function strengthOf(raw: string, masked: string, shape: string): 0 | 1 | 2 {
  const fails =
    /\b(?:fail|flunk|XCTFail|Fatal|Error|panic|raise|throw|raises|warns|Unreachable)\w{0,10}\b|should_panic/.test(
      masked,
    );
  if (!fails) {
    const words =
      masked
        .replace(standard, ' ')
        .replace(/\.\w{1,60}/g, ' ')
        .match(/[A-Za-z_]\w{0,80}/g) ?? [];
    if (words.every((word) => constant.test(word)) && /\(.+\)|^assert./.test(shape)) return 0;
  }
  if (isLoose(raw)) return 1;
  const inside = masked.replace(
    /=>|->|[=!]==?\s{0,9}(?:True|False|None|null|nil|true|false|NULL|nullptr|undefined)\b|\bis\s{1,9}(?:not\s{1,9})?(?:True|False|None|null|nil)\b|::<[^>\n]{0,80}>|\blen\s{0,9}\([^\n]{0,200}\)\s{0,9}(?:[=!]=|>)\s{0,9}0\b/g,
    ' ',
  );
  if (
    /assert_eq!|\bassert(?:_?[Ee]quals?)\b|(?:EXPECT|ASSERT)_EQ/.test(masked) &&
    /[(,]\s{0,9}(?:true|false|True|False|None|nil|null)\s{0,9}[,)]/.test(masked)
  )
    return 1;
  if (
    bare.test(masked) ||
    (/^\s{0,200}assert\s{0,9}[.(]/.test(masked) && !/^\s{0,200}assert\s{0,9}\.\s{0,9}(?!ok\b)/.test(masked))
  )
    return comparison.test(inside.replace(bare, '')) ? 2 : 1;
  return weak.test(shape) && !/[=!]==?/.test(inside) ? 1 : 2;
}

/** A tolerance so big that nearly everything is right. */
function isLoose(raw: string): boolean {
  const named =
    /\b(?:abs|rel|delta|accuracy|within|epsilon|max_relative|rtol|atol|tolerance)\s{0,9}[=:(]\s{0,9}([\d.e+-]{1,30})/i.exec(
      raw,
    );
  if (named !== null) return Number(named[1]) >= 0.05;
  const last = raw.match(/-?\d[\d.e_-]{0,30}/g)?.at(-1);
  if (last === undefined) return false;
  if (/toBeCloseTo|AlmostEqual/i.test(raw)) return /,\s{0,9}-?\d{1,3}\s{0,9}\)/.test(raw) && Number(last) <= 1;
  return /InDelta|InEpsilon|_NEAR\b|closeTo\(|be_within/i.test(raw) && Number(last) >= 0.05;
}
