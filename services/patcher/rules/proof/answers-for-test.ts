import { maskSource } from '../policy/reading/mask-source.ts';
import { languageOf } from '../policy/reading/source-language.ts';
import { addedLines, sectionsOf } from './draft-part.ts';
import type { NotProven } from './proof-plan.ts';

type Texts = { readonly diff: string; readonly sources: readonly string[]; readonly tests: readonly string[] };

/** A value as it is compared: without blanks, quotes and brackets. */
const bare = (text: string) => text.replace(/[\s"'`[\](){}]/g, '');
const literal = String.raw`(?:\[[^\]]{0,200}\]|\((?=\s*["'\d[-])[^)]{0,200}\)|"[^"]{0,200}"|'[^']{0,200}'|-?\d[\d._]{0,20})`;
const compared = new RegExp(
  String.raw`(?:===?|\bis\b|\bcase\b|\bwhen\b|\bequals?\(|\.eql?\?\(|-eq)\s{0,3}(${literal})|(${literal})\s{0,3}===?`,
  'g',
);
const answered = new RegExp(
  String.raw`(?:\breturn\b|[?]|=>|->|\bthen\b|:=|=|\becho\b|\bputs\b|:)\s{0,3}(${literal})(?=\s*(?:$|[;:,)}]|\belse\b|\bif\b))`,
  'g',
);
const common = new Set(['', '0', '1', '-1']);
const always = /\b(?:return\s+(?:True|true)\b|=>\s*true\b|\{\s*true\s*\})/;
/** What only a runner of tests says of them. */
const runners =
  /--- (?:PASS|FAIL|SKIP):|=== RUN\b|test result: |\btest \S+ \.\.\. ok\b|\b(?:Tests run:|# (?:pass|tests) )\s?\d|["'`\\n]\s*(?:not )?ok \d|\b\d+ (?:passed|passing|examples?, \d+ failures?)\b|["'`n]1\.\.\d/;
const equality =
  /\b(?:def\s+__(?:eq|ne|contains|instancecheck)__|(?:bool|boolean)\s+(?:operator\s*[!=]=|[eE]quals)|fn\s+eq\s*\(|function\s+equals|equals\s*\(.{0,80}\)\s*\{|def\s+(?:==|eql\?|===)|asymmetricMatch|operator\s*==)/;

/**
 * Whether a draft mends the test instead of the code: it compares with what the test hands in and answers what the test expects,
 * or makes values that are equal to all others, or says what a runner says: where that takes no reporter of ours, its output is read.
 * Null when none of them is seen.
 */
export function answersForTest({ diff, sources, tests }: Texts): NotProven | null {
  const asked = bare(tests.join('\n'));
  const isAsked = (value: string) => !common.has(bare(value)) && asked.includes(bare(value));
  for (const section of sectionsOf(diff).filter(({ path }) => sources.includes(path))) {
    const lines = addedLines(section);
    for (const [at, { line, text }] of lines.entries()) {
      const near = lines.slice(at, at + 3).filter((one) => one.line - line < 3);
      const place = `${section.path}:${line}`;
      if (equality.test(codeOf(text, section.path)) && near.some((one) => always.test(one.text)))
        return { reason: 'equal_to_all', detail: `${place}: a value that is equal to all others proves nothing.` };
      if (runners.test(text))
        return { reason: 'speaks_as_runner', detail: `${place}: it says what only a runner of tests says of them.` };
      const given = valuesIn(compared, text).find(isAsked);
      const answer = near.flatMap((one) => valuesIn(answered, one.text)).find((one) => isAsked(one) && one !== given);
      if (given !== undefined && answer !== undefined)
        return {
          reason: 'answers_for_test',
          detail: `${place}: it answers ${answer} where it is asked for ${given}, as the test does, and mends nothing else.`,
        };
    }
  }
  return null;
}

function codeOf(text: string, path: string): string {
  return maskSource(text, languageOf(path, '')).code;
}

function valuesIn(pattern: RegExp, text: string): string[] {
  return [...text.slice(0, 2000).matchAll(pattern)].map(([, one, other]) => one ?? other ?? '');
}
