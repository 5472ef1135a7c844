import type { Machine, Parser, Run } from './define.ts';
import { isIn, jvmFrame, testSource } from './engine/jvm-source.ts';
import { detached } from './engine/plain-text.ts';
import { keyOf, type SurefireTest, testOf } from './engine/surefire-test.ts';
import { tallyOf } from './engine/test-counts.ts';

const prefix = /^\[(?:ERROR|WARNING|INFO)\] /;
const failed = /^(\S.{0,500}?) {1,2}(?:-- )?Time elapsed: [\d.,]{1,20} s(?:ec)? {1,2}<<< (?:FAILURE|ERROR)!/;
const ofClass = /^Tests run: \d{1,7}, Failures: \d{1,7}, Errors: \d{1,7}, Skipped: \d{1,7}, Time elapsed: /;
const total =
  /^Tests run: ?(\d{1,7}), Failures: (\d{1,7}), Errors: (\d{1,7}), Skipped: (\d{1,7})(?:, Flakes: \d{1,7})?$/;
const section = /^(Failed tests|Tests in error|Failures|Errors|Flakes|Flaked tests|Tests not run) ?: ?(.*)$/;
const listed =
  /^ {2,}(?:Run \d{1,3}: )?([\w.$]{1,300}?)(?:>[\w.$]{1,300}?)?\.([\w$<> -]{1,200}?)(\([^)]{0,200}\))?(\[[^\]]{0,100}\])?(?::(\d{1,7}))?(?:->\S{1,500})? (.*)$/;
const maxHeld = 2000;
const maxWords = 20;

/** The console of Maven's surefire and failsafe. Each failing test is told twice; one that passed when run again is none. */
export const surefire: Parser = {
  name: 'surefire',
  recipes: ['test', 'build'],
  cues: [
    'Tests run:',
    'Time elapsed: ',
    'Failed tests:',
    'Results',
    ' source files? to',
    '] Compiling ',
    '] Building ',
    '   from ',
    'BUILD ',
    'SKIPPED',
    'forked VM',
  ],
  start,
};

function start(run: Run): Machine {
  /** By its whole name, with package and parameters. */
  let held = new Map<string, SurefireTest>();
  /** How many of one short name were told above the list, and how many of them the list told again. */
  let short = new Map<string, { told: number; listed: number }>();
  let open: SurefireTest | null = null;
  let list: 'none' | 'failures' | 'flakes' | null = null;
  /** Version 2.22 names tests of JUnit 5 without their class, which is in the line before all of them. */
  let current = '';
  let module: string | null = '';
  let reactor = false;
  let totals = 0;
  let running = 0;
  let built = false;
  let skipped = false;

  const report = ({ code, printed, words, file, line }: SurefireTest) => {
    const message =
      words
        .map((one) => one.trim())
        .filter(Boolean)
        .join(' ') || 'failed';
    const raw = [printed, ...words].join('\n');
    run.report({ kind: 'test_fail', severity: 'error', code, tool_code: printed, message, file, line, raw });
  };
  const finish = () => {
    for (const test of held.values()) report(test);
    held = new Map();
    short = new Map();
    open = null;
    list = null;
  };
  const shortOf = ({ className, code }: Pick<SurefireTest, 'className' | 'code'>) => {
    const key = keyOf(className, code);
    const counts = short.get(key) ?? { told: 0, listed: 0 };
    short.set(key, counts);
    return counts;
  };
  const hold = (test: SurefireTest) => {
    if (held.size >= maxHeld) finish();
    // Of several runs the last one counts.
    if (!held.has(test.code)) shortOf(test).told += 1;
    held.set(test.code, test);
  };

  return {
    line(line) {
      const text = line.replace(prefix, '');
      if (open !== null && stack(open, line, text)) return 'more';
      const test = failed.exec(text);
      if (test !== null && !ofClass.test(text)) {
        const name = test[1] ?? '';
        open = testOf(
          /^[\w$]{1,200}(?:[({[].*)?$/.test(name) &&
            !/\([\w$]{1,100}\.[\w.$]{1,300}\)/.test(name) &&
            current !== '' &&
            name !== current
            ? `${current}.${name}`
            : name,
        );
        hold(open);
        return 'more';
      }
      open = null;
      if (ofClass.test(text)) {
        current = detached(/ --? in ([\w.$]{1,300})$/.exec(text.slice(0, 1000))?.[1] ?? '');
        run.saw();
        running += 1;
        return 'yes';
      }
      // Bare, the newer spelling is a heading of other tools too.
      if (/^Results :/.test(text) || (text !== line && /^Results:/.test(text))) {
        list = 'none';
        return 'more';
      }
      if (list !== null) {
        const sum = total.exec(text)?.map(Number);
        if (sum !== undefined) {
          const [, all = 0, failures = 0, errors = 0, left = 0] = sum;
          run.counted(tallyOf(all, failures + errors, left));
          totals += 1;
          run.saw();
          finish();
          return 'yes';
        }
        const head = section.exec(text);
        if (head !== null) list = /^Fla/.test(head[1] ?? '') ? 'flakes' : 'failures';
        const entry = head !== null ? `  ${head[2] ?? ''}` : text;
        if (list === 'flakes') flake(entry);
        else if (list === 'failures') fromList(entry);
        if (/^BUILD |^---/.test(text)) list = null;
        else return 'more';
      }
      follow(text);
      return 'no';
    },
    end() {
      finish();
      return totals > 0 && built && !skipped;
    },
  };

  /** The exception, its words, and frames; a blank line ends it. */
  function stack(test: SurefireTest, line: string, text: string): boolean {
    if (line === '' || failed.test(text) || ofClass.test(text) || /^(?:Running \S|Results ?:)/.test(text)) {
      if (line === '' && test.words.length === 0) return true;
      open = null;
      return line === '';
    }
    const at = jvmFrame(line);
    if (at !== null && test.file === null && isIn(at.className, test.className)) {
      test.file = testSource(module, at.className.split('$')[0] ?? '', at.file);
      test.line = at.line;
    }
    if (at === null && !/^\s+(?:at |\.\.\. \d)/.test(line) && test.words.length < maxWords)
      test.words.push(detached(line.slice(0, 2000)));
    return true;
  }

  function flake(entry: string) {
    const name = /^(?:\s*)(\S.{0,500})$/.exec(entry)?.[1];
    if (name === undefined || /^Run \d/.test(name)) return;
    const flaky = testOf(name);
    if (held.delete(flaky.code)) return;
    const key = keyOf(flaky.className, flaky.code);
    for (const { className, code } of held.values()) if (keyOf(className, code) === key) held.delete(code);
  }

  /** Only what was not told above: with some settings the list is all there is. */
  function fromList(entry: string) {
    // The other tries of a test that failed again.
    if (/^ {2,}Run (?!1:)\d/.test(entry)) return;
    const old = /^ {2,}(\S.{0,300}?\([\w.$]{1,300}\)): (.*)$/.exec(entry);
    const at = old === null ? listed.exec(entry) : null;
    if (old === null && at === null) return;
    const test = testOf(old?.[1] ?? `${at?.[1]}.${at?.[2]}${at?.[3] ?? ''}${at?.[4] ?? ''}`);
    const counts = shortOf(test);
    counts.listed += 1;
    // What failed before the first test has only the name of the class above.
    if (counts.listed <= counts.told || short.get(keyOf(test.className, test.className))?.told) return;
    if (held.has(test.code)) test.code = `${test.code} [${counts.listed}]`;
    test.words.push(detached((old?.[2] ?? at?.[6] ?? '').slice(0, 2000)));
    if (held.size < maxHeld) held.set(test.code, test);
  }

  /** Which module is at work, and whether all came to their end. */
  function follow(text: string) {
    if (/^Building .{1,300} \[\d{1,5}\/\d{1,5}\]$/.test(text)) {
      reactor = true;
      module = null;
    }
    const folder =
      /^ {2}from (?:(.{1,500})\/)?pom\.xml$/.exec(text) ??
      /^Compiling \d{1,7} source files? (?:with .{1,200} )?to (?:(.{1,1000})\/)?target\/[\w-]{1,60}$/.exec(
        text.replaceAll('\\', '/'),
      );
    if (folder !== null) module = detached(folder[1] ?? (reactor && !text.startsWith('  from') ? (module ?? '') : ''));
    if (/^BUILD (?:SUCCESS|FAILURE)$/.test(text)) built = true;
    if (/ \.{3,} SKIPPED/.test(text)) skipped = true;
    const crash = /(?:The forked VM terminated without.{0,200}|There was a timeout or other error in the fork)/.exec(
      text.slice(0, 4000),
    )?.[0];
    if (crash !== undefined) run.crashed(crash);
    if (running > 0) run.saw();
  }
}
