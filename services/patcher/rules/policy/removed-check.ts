import { tools } from '../../../../parsers/tools/registry.ts';
import type { Objection, Rule } from './define.ts';
import { gained, type Line, placesOf, type ReadFile } from './reading/patch-reading.ts';

// Short words that mean many other things, as in `npm run audit`.
const vague = new Set(['audit', 'flow', 'ec', 'lint']);
const programs = tools
  .filter(({ builds }) => builds !== true)
  .flatMap((tool) => tool.programs)
  .filter((program) => !vague.has(program))
  .map((program) => program.replace(/[.+*?^$()[\]{}|\\]/g, '\\$&').replaceAll(' ', '\\s{1,9}'));
const managers = 'go|cargo|npm|pnpm|yarn|dotnet|swift|deno|bun|mix|composer|node|make';
const tasks = 'test|vet|clippy|audit|deny|lint|check|format|fmt';
const checks = new RegExp(
  `(?:^|[\\s;&|("'/@-])(?:${[...new Set(programs)].sort().join('|')}|tox|nox|pre-commit|(?:${managers})\\s{1,9}(?:run\\s{1,9})?(?:--)?(?:${tasks}))\\b`,
);
const weaker =
  /^(?:--?(?:\w{1,20}-)?(?:ignore|exclude|disable|skip|deselect|allow|suppress|no-(?:cov|error|warn)\w{0,20}|exit-zero|cap-lints|not|force-exit|quiet-level|severity|min-severity|rule|off|A|S|k|e)\b|-A\w|-S\b|-W(?:no-|ignore)|\|\||2?>|&$|-k\b)/i;

/** Scripts start the same tools on the same files. */
export const removedCheck: Rule = {
  name: 'removed_check',
  judge: (patch) => [
    ...patch.files.flatMap(judgeFile),
    ...gained(patch, (side) =>
      side.grammar === null && /^(?:dockerfile|make|yaml|groovy)$/.test(side.language?.name ?? '')
        ? placesOf(side, side.code, endings, 'ending')
        : [],
    ).map(({ path, line }) => ({
      rule: 'exit_forced',
      path,
      line,
      why: 'a failure is turned into success: let it fail, and mend its cause',
    })),
  ],
};

/** Where there is no grammar: ways to end well whatever happened. */
const endings =
  /(?:\|\||;)\s{0,9}(?:true|:|exit\s{1,9}0|return\s{1,9}0|echo\b|printf\b)(?=[\s;)}"'&]|$)|\b(?:exit|return)\s{1,9}0\s{0,9}$|\bset\s{1,9}\+[euo]|\b(?:continue-on-error|allow_failure|ignore_errors|ignoreFailures)\s{0,9}[:=]\s{0,9}(?:true|yes|on)\b/gim;

function judgeFile({ file, before, after, added, removed }: ReadFile): Objection[] {
  const name = (before ?? after)?.language?.name ?? 'shell';
  if (!['shell', 'dockerfile', 'make', 'yaml', 'groovy'].includes(name)) return [];
  const fresh = added
    .filter(isCheck)
    .map(({ text }) => wordsOf(text))
    .slice(0, 200);
  return removed
    .filter(isCheck)
    .slice(0, 200)
    .flatMap(({ text, at }) => {
      const words = wordsOf(text);
      const kept = fresh.some(
        (one) =>
          words.every((word) => one.includes(word)) && !one.some((word) => weaker.test(word) && !words.includes(word)),
      );
      if (kept) return [];
      return [
        { rule: 'check_removed', path: file.path, line: at, why: `"${text.slice(0, 120)}" is no longer run as it was` },
      ];
    });
}

function isCheck({ code }: Line): boolean {
  return checks.test(code.slice(0, 2000));
}

/** The words of a command, however they are quoted. */
function wordsOf(text: string): string[] {
  return text
    .slice(0, 2000)
    .replace(/["'`{}]/g, '')
    .replace(/[();\\]/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '--' && word !== '&&');
}
