import type { Rule } from '../define.ts';
import { gained, type Hit, lost, placesOf, type Side } from '../reading/patch-reading.ts';

type Word = readonly [key: string, languages: string, pattern: RegExp];

/** What a file asks of its compiler or interpreter. */
const strict: readonly Word[] = [
  ['strict types', 'php', /\bdeclare\s{0,9}\(\s{0,9}strict_types\s{0,9}=\s{0,9}1/g],
  ['deny', 'rust', /#\s{0,9}!\s{0,9}\[\s{0,9}(?:deny|forbid|warn)\s{0,9}\(/g],
  ['deny', 'rust', /#\s{0,9}\[\s{0,9}(?:deny|forbid|warn|must_use)\b/g],
  ['ts-check', 'javascript', /\/[/*]\s{0,9}@(?:ts-check|flow)\b/g],
  ['nullable', 'csharp', /#\s{0,9}nullable\s{1,9}enable\b/g],
  ['typed', 'ruby', /#\s{0,9}typed\s{0,9}:\s{0,9}(?:true|strict|strong)\b/g],
  ['use strict', 'perl', /^[ \t]{0,200}use\s{1,9}(?:strict|warnings)\b/gm],
  ['warnings as errors', 'cmake make shell dockerfile yaml', /-W(?:error|all|extra|pedantic)\b|\/W[X4]\b/g],
  ['mypy strict', 'python', /#\s{0,9}(?:mypy\s{0,9}:\s{0,9}(?:strict|disallow)|pyright\s{0,9}:\s{0,9}strict)/g],
  ['static assertion', 'c cpp', /\b(?:static_assert|_Static_assert)\b/g],
];
const lax: readonly Word[] = [
  ['-Wno', 'cmake make shell dockerfile yaml json', /-Wno-\w{1,60}|\s-w(?=\s|$)|-fpermissive\b|\/wd\d{1,6}/g],
  ['skipLibCheck', 'data json', /"(?:skipLibCheck|allowJs|suppressImplicitAnyIndexErrors)"\s{0,9}:\s{0,9}true/g],
  [
    'NODE_NO_WARNINGS',
    'shell dockerfile yaml',
    /\b(?:NODE_NO_WARNINGS|PYTHONWARNINGS|RUSTFLAGS|SKIP|HUSKY)\s{0,9}[=:]/g,
  ],
];

/** No file asks less of its compiler than before. */
export const loweredStrictness: Rule = {
  name: 'lowered_strictness',
  judge(patch) {
    const gone = lost(patch, (side) => strict.flatMap((word) => wordIn(side, word, side.text)));
    const fresh = gained(patch, (side) =>
      lax.flatMap((word) => wordIn(side, word, side.language?.syntax == null ? side.text : side.code)),
    );
    return [
      ...gone.map(({ path, line, key }) => ({
        rule: 'strictness_lowered',
        path,
        line,
        why: `${key} is no longer asked for`,
      })),
      ...fresh.map(({ path, line, key }) => ({
        rule: 'strictness_lowered',
        path,
        line,
        why: `${key} makes the checks weaker`,
      })),
    ];
  },
};

function wordIn(side: Side, [key, languages, pattern]: Word, text: string): Hit[] {
  return languages.split(' ').includes(side.language?.name ?? '') ? placesOf(side, text, pattern, key) : [];
}
