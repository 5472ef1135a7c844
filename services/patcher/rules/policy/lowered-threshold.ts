import type { Objection, Rule } from './define.ts';
import type { ReadFile, Side } from './patch-reading.ts';
import { isTestFile } from './test-case.ts';

/** A number that says how much is asked for; `worse` is the direction in which less is asked for. */
type Threshold = { readonly pattern: RegExp; readonly worse: 'lower' | 'higher'; readonly testsOnly?: boolean };

const gap = '["\']?\\s{0,9}[=:\\s(>]\\s{0,9}["\']?';
const number = '(-?\\d{1,12}(?:[._]\\d{1,9})?)';
const threshold = (words: string, worse: Threshold['worse'], testsOnly = false): Threshold => ({
  pattern: new RegExp(`(?:${words})${gap}${number}`, 'gi'),
  worse,
  testsOnly,
});

const thresholds: readonly Threshold[] = [
  threshold('fail[-_]under|minimum[-_]?coverage|min[-_]?coverage|coverage[-_]?threshold|<minimum|minimum', 'lower'),
  threshold('\\b(?:lines|branches|functions|statements)', 'lower'),
  threshold('--min[-_]\\w{1,30}|minMsi|minCoveredMsi', 'lower'),
  threshold('\\blevel|--level|severity', 'lower'),
  threshold(
    'max[-_]?(?:warnings|complexity|line[-_]?length|args|branches|statements|locals|returns|depth|params|lines|\\w{0,20}errors)',
    'higher',
  ),
  threshold('\\b(?:cyclomatic\\w{0,20}|cognitive\\w{0,20}|line[-_]length|threshold)', 'higher'),
  threshold('\\b\\w{0,20}timeout\\w{0,10}', 'higher', true),
  threshold('\\b\\w{0,20}(?:retries|retry|reruns|retryTimes)', 'higher', true),
];
const waits = /\b(?:setTimeout|setDefaultTimeout|sleep)\s{0,9}\(\s{0,9}(-?\d{1,12}(?:[._]\d{1,9})?)\s{0,9}\)/gi;

/** No check asks for less than it did. */
export const loweredThreshold: Rule = {
  name: 'lowered_threshold',
  judge: ({ files }) => files.flatMap(judgeFile),
};

function judgeFile({ file, before, after }: ReadFile): Objection[] {
  if (before === null || after === null || isProse(after)) return [];
  const tests = isTestFile(before);
  const all: readonly Threshold[] = [...thresholds, { pattern: waits, worse: 'higher', testsOnly: true }];
  return all.flatMap(({ pattern, worse, testsOnly }) => {
    if (testsOnly === true && !tests) return [];
    const old = numbersIn(before, pattern);
    const now = numbersIn(after, pattern);
    const less = now.some(
      (value, at) =>
        old.length === now.length && (worse === 'lower' ? value < (old[at] ?? value) : value > (old[at] ?? value)),
    );
    const gone = worse === 'lower' && now.length < old.length;
    if (!less && !gone) return [];
    const why = gone
      ? 'a threshold is taken away'
      : `a threshold asks for less than before (${old.slice(0, 5).join(', ')} became ${now.slice(0, 5).join(', ')})`;
    return [{ rule: 'threshold_lowered', path: file.path, line: null, why }];
  });
}

/** Only settings, scripts and tests hold thresholds; in other code the same words are anything. */
function numbersIn(side: Side, pattern: RegExp): number[] {
  const settings = ['data', 'json', 'yaml', 'toml', 'ini', 'xml', 'shell', 'make', 'dockerfile', 'groovy', 'cmake'];
  const file = settings.includes(side.language?.name ?? 'ini') || isTestFile(side) || /config|gradle/i.test(side.path);
  if (!file) return [];
  return [...side.text.matchAll(pattern)].map(([, value]) => Number((value ?? '').replace('_', '')));
}

function isProse({ path }: Side): boolean {
  return (
    /\.(?:md|markdown|rst|adoc|txt|lock|sum|csv)$|(?:^|\/)(?:package-lock\.json|[\w-]{1,40}-lock\.ya?ml)$/i.test(
      path,
    ) && !/cmakelists/i.test(path)
  );
}
