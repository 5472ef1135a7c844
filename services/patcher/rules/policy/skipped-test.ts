import type { Objection, Rule } from './define.ts';
import { gained, type Hit, placesOf, type Side } from './patch-reading.ts';
import { isCollected, isTestFile, pairTests, type TestCase } from './test-case.ts';

type Words = Readonly<Record<string, RegExp>>;

const jvm =
  /@(?:[\w.]{1,60}\.)?(?:Disabled\w{0,40}|Ignore|EnabledIf\w{0,40}|EnabledOn\w{0,20})\b|\b(?:assume\w{0,20}|Assume\w{0,20}\.\w{1,30})\s{0,9}\(|enabled\s{0,9}=\s{0,9}false|\bTestAbortedException\b|\b(?:xit|xdescribe|xtest|xcontext|xscenario)\b/g;
const script =
  /\b(?:it|test|describe|context|suite|specify|bench|t|this|ctx)\s{0,9}(?:\.\s{0,9}\w{1,20}\s{0,9}){0,2}\.\s{0,9}(?:skip\w{0,10}|todo|fixme|fails|failing|runIf)\b|\b(?:xit|xtest|xdescribe|xcontext|xspecify)\b|\b(?:skip|todo)\s{0,9}:\s{0,9}(?!false|undefined|null)/g;

const skips: Words = {
  c: /\b(?:TEST_IGNORE\w{0,20}|ck_skip|skip\s{0,9}\(|DISABLED_\w{0,60})/g,
  cpp: /\b(?:GTEST_SKIP\w{0,20}|DISABLED_\w{0,60}|SKIP\s{0,9}\(|BOOST_TEST_DISABLED|disabled\s{0,9}\(|QSKIP|TEST_IGNORE\w{0,20})/g,
  csharp:
    /\bSkip\s{0,9}=|\[\s{0,9}(?:Ignore|Explicit)\b|\bAssert\s{0,9}\.\s{0,9}(?:Ignore|Inconclusive|Skip)\b|\bSkip\s{0,9}\.\s{0,9}If\b/g,
  elixir: /@(?:module)?tag\s{1,9}:?(?:skip|pending)\b|\bskip:/g,
  go: /\.\s{0,9}Skip(?:f|Now)?\s{0,9}\(|\btesting\s{0,9}\.\s{0,9}Short\s{0,9}\(/g,
  java: jvm,
  javascript: script,
  kotlin: jvm,
  php: /\bmarkTest(?:Skipped|Incomplete)\b|->\s{0,9}(?:skip|todo)\s{0,9}\(|#\[\s{0,9}(?:\\?\w{1,40}\\){0,6}Requires\w{0,40}/g,
  python:
    /\b(?:pytest\s{0,9}\.\s{0,9}(?:mark\s{0,9}\.\s{0,9})?(?:skip\w{0,10}|xfail|importorskip)|mark\s{0,9}\.\s{0,9}(?:skip\w{0,10}|xfail)|unittest\s{0,9}\.\s{0,9}(?:skip\w{0,10}|expectedFailure|SkipTest)|skip(?:If|Unless|Test)|SkipTest|expectedFailure|collect_ignore\w{0,10}|__test__\s{0,9}=\s{0,9}False)\b|@\s{0,9}skip\b/g,
  ruby: /^[ \t]{0,200}(?:skip|pending|omit|notify)\b|\b(?:xit|xdescribe|xcontext|xspecify|xexample|xscenario)\b|\b(?:skip|pending):|,\s{0,9}:(?:skip|pending)\b/gm,
  rust: /#\s{0,9}\[\s{0,9}ignore\b|#\s{0,9}\[\s{0,9}cfg_attr\s{0,9}\([^\]\n]{0,200}\bignore\b/g,
  shell: /^[ \t]{0,200}(?:skip|startSkipping)\b/gm,
  swift: /\bXCTSkip\w{0,10}|\.\s{0,9}disabled\s{0,9}\(|\bwithKnownIssue\b|\bXCTExpectFailure\b/g,
  typescript: script,
};
const focuses: Words = {
  csharp: /\[\s{0,9}Only\b/g,
  javascript:
    /\b(?:it|test|describe|context|suite|specify)\s{0,9}(?:\.\s{0,9}\w{1,20}\s{0,9}){0,2}\.\s{0,9}only\b|\b(?:fit|fdescribe|ftest|fcontext)\s{0,9}\(|\bonly\s{0,9}:\s{0,9}true/g,
  ruby: /\b(?:fit|fdescribe|fcontext|fexample|focus)\b\s{0,9}["'(d]|\bfocus:\s{0,9}true|,\s{0,9}:focus\b/g,
  kotlin: /\bf(?:it|describe|context)\s{0,9}\(/g,
};
const never =
  /\b(?:if|while|when|unless)\s{0,9}\(?\s{0,9}(?:false|False|0|!\s{0,9}true|not\s{1,9}True|1\s{0,9}==\s{0,9}0)\s{0,9}[):{]|\bif\s{1,9}(?:false|0)\s{0,9}(?:;|$)/gm;

/** No test is passed over that ran before. */
export const skippedTest: Rule = {
  name: 'skipped_test',
  judge(patch) {
    const skipped = gained(patch, (side) => [...wordsIn(side, skips), ...nevers(side)]);
    const focused = gained(patch, (side) => wordsIn(side, { ...focuses, typescript: focuses.javascript ?? never }));
    const early = pairTests(patch).flatMap(({ before, after }) => (after === null ? [] : returnsEarly(before, after)));
    return [
      ...skipped.map((hit) => object(hit, 'test_skipped', 'a test is skipped: it has to run, and to pass')),
      ...focused.map((hit) => object(hit, 'test_focused', 'one test is focused, so that the others do not run')),
      ...early.map((hit) => object(hit, 'test_skipped', 'a test returns before it has tested anything')),
    ];
  },
};

function object({ path, line }: Hit, rule: string, why: string): Objection {
  return { rule, path, line, why };
}

function wordsIn(side: Side, words: Words): Hit[] {
  const language = side.language?.name ?? '';
  const pattern = words[language];
  if (pattern === undefined || !(isTestFile(side) || isCollected(side) || /conftest\.py$/.test(side.path))) return [];
  return placesOf(side, side.code, pattern, language);
}

function nevers(side: Side): Hit[] {
  return isTestFile(side) ? placesOf(side, side.code, never, 'never') : [];
}

const leaves =
  /^(?:return|raise\s{1,9}(?:unittest\.)?SkipTest|exit|t\.end\(\)|done\(\))(?:\s{1,9}(?:None|nil|null|true|undefined|0|Ok\(\(\)\)))?(?:\(\))?;?$/;

/** A return at the depth of the first statement with something behind it, or more returns than before at any depth. */
function returnsEarly(before: TestCase, after: TestCase): Hit[] {
  const at = leavingLine(after);
  if (at !== null && leavingLine(before) === null) return [{ key: 'return', path: after.path, line: after.line + at }];
  return bareReturns(after) > bareReturns(before) ? [{ key: 'return', path: after.path, line: after.line }] : [];
}

function bareReturns({ code }: TestCase): number {
  return code.filter((line) => /(?:^|[\s){:])return\s{0,9};?\s{0,9}\}?$/.test(line.slice(-200).trim())).length;
}

function leavingLine({ code }: TestCase): number | null {
  let depth: number | null = null;
  let left: number | null = null;
  for (const [index, line] of code.entries()) {
    const text = line.trim();
    if (index === 0 || /^(?:["'`]*|[@#].*|[{}()\];,]*|end)$/.test(text)) continue;
    const indent = line.length - line.trimStart().length;
    depth ??= indent;
    if (left !== null && indent >= depth) return left;
    if (leaves.test(text) && indent === depth) left ??= index;
  }
  return null;
}
