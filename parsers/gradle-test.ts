import type { Machine, Parser, Run } from './define.ts';
import { isIn, jvmFrame, testSource } from './engine/jvm-source.ts';
import { detached } from './engine/plain-text.ts';
import { tallyOf } from './engine/test-counts.ts';

const failed = /^(\S.{0,700}) > (.{1,300}) FAILED$/;
const task = /^(?:> Task )?((?::[\w.-]{1,100}){1,10})(?: (FAILED|UP-TO-DATE|FROM-CACHE|NO-SOURCE|SKIPPED))?$/;
const layers = /^(?:Gradle (?:suite|test|Test Run \S{1,200}|Test Executor \d{1,6}) > ){1,4}/;
/** Without `exceptionFormat "full"`: the exception and where it came out, but not its words. */
const short = /^ {4}([\w.$]{1,300}) at ([\w$-]{1,200}\.(?:java|kt|groovy|scala)):(\d{1,7})$/;
const maxWords = 20;

type Test = { code: string; className: string; words: string[]; file: string | null; line: number | null };

/** What Gradle prints of tests; passing ones are silent. */
export const gradleTest: Parser = {
  name: 'gradle-test',
  recipes: ['test', 'build'],
  cues: [' FAILED', 'est', 'BUILD SUCCESSFUL', 'BUILD FAILED', 'Gradle Test Executor'],
  start,
};

function start(run: Run): Machine {
  let open: Test | null = null;
  let module: string | null = null;
  let sourceSet = 'test';
  let ran = false;
  let many = false;
  let built: boolean | null = null;
  let reported = 0;
  let counted = 0;

  const flush = () => {
    if (open === null) return;
    const { code, words, file, line } = open;
    open = null;
    reported += 1;
    const message = words.join(' ') || 'failed';
    run.report({ kind: 'test_fail', severity: 'error', code, message, file, line, raw: [code, ...words].join('\n') });
  };
  const place = (test: Test, className: string, file: string, line: number) => {
    // Another task than `test` has sources of its own, wherever the build says.
    test.file = sourceSet === 'test' ? testSource(module, className.split('$')[0] ?? '', file) : null;
    test.line = line;
  };

  return {
    line(line) {
      if (open !== null) {
        if (/^ {4}/.test(line)) {
          frames(open, line);
          return 'more';
        }
        flush();
        if (line === '') return 'yes';
      }
      const at = failed.exec(line);
      if (at !== null && !line.startsWith('> Task ')) {
        const code = `${at[1]} > ${at[2]}`.replace(layers, '');
        const className = code.split(' > ')[0] ?? '';
        open = { code: detached(code), className: detached(className), words: [], file: null, line: null };
        return 'more';
      }
      const name = task.exec(line);
      if (name !== null) {
        const path = (name[1] ?? '').split(':').slice(1);
        if (path.length > 1) many = true;
        sourceSet = path.at(-1) ?? '';
        module = path.slice(0, -1).join('/');
        if (/test$/i.test(sourceSet) && (name[2] === undefined || name[2] === 'FAILED')) {
          ran = true;
          run.saw();
        }
        return 'no';
      }
      const sum = /^(\d{1,7}) tests? completed, (\d{1,7}) failed(?:, (\d{1,7}) skipped)?/.exec(line);
      if (sum !== null) {
        counted += Number(sum[2]);
        run.counted(tallyOf(Number(sum[1]), Number(sum[2]), Number(sum[3] ?? 0)));
        run.saw();
        return 'yes';
      }
      const ended = /^BUILD (SUCCESSFUL|FAILED)(?: in |$)/.exec(line);
      if (ended !== null) built = ended[1] === 'SUCCESSFUL';
      if (/^> Process 'Gradle Test Executor \d{1,6}' finished with non-zero exit value/.test(line)) {
        run.crashed(line.slice(2));
        return 'yes';
      }
      return 'no';
    },
    end(exit) {
      flush();
      if (!ran || built === null) return false;
      if (built) return exit.exitCode === 0;
      // With one module nothing else was left to run; the count proves that all of it was printed.
      return exit.exitCode !== 0 && !many && reported > 0 && counted === reported;
    },
  };

  function frames(test: Test, line: string) {
    const brief = short.exec(line);
    if (brief !== null) {
      test.words.push(detached(brief[1] ?? ''));
      const [simple] = (test.className.split('.').at(-1) ?? '').split('$');
      const own = brief[2]?.replace(/\.\w+$/, '') === simple;
      if (own && test.className.includes('.')) place(test, test.className, brief[2] ?? '', Number(brief[3]));
      return;
    }
    const at = jvmFrame(line);
    if (at === null) {
      if (test.words.length < maxWords && !/^\s+(?:at |\.\.\. \d)/.test(line))
        test.words.push(detached(line.trim().slice(0, 2000)));
      return;
    }
    const outer = at.className.split('$')[0] ?? '';
    const mine = isIn(at.className, test.className) || outer.split('.').at(-1) === test.className.split(/[$ ]/)[0];
    if (test.file === null && mine) place(test, at.className, at.file, at.line);
  }
}
