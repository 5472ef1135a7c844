import type { Machine, Parser, Run } from './define.ts';
import { detached } from './engine/plain-text.ts';
import { numbersIn } from './engine/test-counts.ts';

const maxKept = 5000;
const rule = /^={1,} (.{1,300}?) ={1,}$/;
/** However long it is, one `_` stands on each side; a line of them alone parts the frames of a trace. */
const blockTitle = /^_+ ((?=.{0,500}[^_ ]).{1,1000}?) _+$/;
const place = /^(\S.{0,1023}?\.\w{1,6}):(\d{1,7}): (.*)$/;
const counts =
  /^(?:=+ )?(?:\d+ (?:(?:subtests )?(?:failed|passed|skipped)|deselected|xfailed|xpassed|rerun|warnings?|errors?)(?:, )?)+ in [\d.]+s/;
const progress =
  /^(?:\[gw\d{1,4}\] \[ *\d{1,3}%\] (?:FAILED|ERROR) (\S.{0,1000})|(\S.{0,500}?::.{1,500}?) (?:FAILED|ERROR) {1,200}\[ {0,4}\d{1,3}%\])$/;

type Seen = { message: string; file: string | null; line: number | null; words: string };
type Block = Seen & { readonly title: string; readonly isError: boolean };

/**
 * `pytest`, in all its traceback styles: the tests come from the short summary, the place from the blocks before it.
 * Where the summary is switched off, the blocks are the tests; where the run was killed, the progress lines of `-v`.
 */
export const pytest: Parser = {
  name: 'pytest',
  recipes: ['test'],
  cues: ['===', 'FAILED', 'ERROR', ' passed', ' failed', ' error', 'no tests ran', '!!!', ' deselected', ' skipped'],
  start,
};

/** `--tb=native`: as Python prints its own traces. */
const native = /^ {2}File "([^"]{1,1000})", line (\d{1,7}), in \S/;
const exception = /^([A-Za-z_][\w.]{0,200}(?:: .{0,2000})?)$/;

function start(run: Run): Machine {
  let section: 'none' | 'blocks' | 'summary' = 'none';
  let title: string | null = null;
  /** Set-ups and tear-downs come in a section of their own. */
  let inErrors = false;
  let current: Seen = fresh();
  let words = '';
  let ended = false;
  let interrupted = false;
  let summarised = 0;
  let subtests = 0;
  /** By title of a block, `--tb=line` places by file, and progress lines. */
  let blocks: Block[] = [];
  let lines: Seen[] = [];
  const statuses = new Set<string>();
  /** Tests that the summary told. */
  const reported = new Set<string>();

  const closeBlock = () => {
    if (title !== null && blocks.length < maxKept)
      blocks.push({ title: detached(title), isError: inErrors, ...own(current) });
    title = null;
    current = fresh();
  };
  /** `bad`: how many the tool says there were; without it, what the summary tells is all. */
  const closeSession = (bad = 0) => {
    closeBlock();
    if (summarised === 0 || summarised < bad)
      for (const seen of blocks.toSorted((a, b) => Number(a.isError) - Number(b.isError)))
        told(seen.title, seen, seen.isError);
    // With `--tb=line` nothing but the place tells which test it was.
    if (summarised === 0 || summarised < bad)
      for (const seen of lines)
        told(`${(seen.file && run.path(seen.file)) ?? 'test'}: ${seen.message.slice(0, 200)}`, seen, false);
    blocks = [];
    statuses.clear();
    reported.clear();
    lines = [];
    summarised = 0;
    subtests = 0;
    section = 'none';
  };
  /** A test that failed, and whose tear-down failed too, is told twice; of two files that have one of a name, each once. */
  const told = (code: string, seen: Seen, isError: boolean) => {
    const again = reported.has(code);
    if (reported.size < maxKept) reported.add(detached(code));
    report(again ? `${code} [${isError ? 'error' : seen.file}]` : code, seen);
  };
  const report = (id: string, seen: Seen) =>
    run.report({
      kind: 'test_fail',
      severity: 'error',
      code: id,
      message: seen.message || 'failed',
      file: seen.file ?? fileOf(id),
      line: seen.line,
      raw: seen.words || id,
    });

  return {
    line(line) {
      const header = rule.exec(line)?.[1];
      if (counts.test(line) || (header !== undefined && counts.test(header)) || /^(?:=+ )?no tests ran/.test(line)) {
        ended = true;
        run.saw();
        const number = numbersIn(line);
        const errors = number('error');
        // Errors are those of set-ups and of files that could not be read: no test of theirs ran, or it is told apart.
        run.counted({
          passed: number('passed') + number('xpassed'),
          failed: number('failed') - subtests,
          // As its own result file has them.
          skipped: number('skipped') + number('xfailed'),
          errors: errors + subtests,
        });
        // Exit code 5: nothing was tested. With an ERROR line before it, that is the reason.
        if (!/ (?:passed|failed|errors?|skipped|xfailed|xpassed)/.test(line))
          run.crashed(line.replace(/^=+ | =+$/g, ''));
        closeSession(number('failed') + errors);
        return 'yes';
      }
      if (header !== undefined) {
        closeBlock();
        if (header === 'test session starts') {
          run.saw();
          closeSession();
          ended = false;
          return 'yes';
        }
        inErrors = header === 'ERRORS';
        if (header === 'FAILURES' || inErrors) section = 'blocks';
        else if (header === 'short test summary info') section = 'summary';
        else if (section === 'none') return 'no';
        else section = 'none';
        run.saw();
        return section === 'none' ? 'yes' : 'more';
      }
      if (line.startsWith('!!! ') || (line.startsWith('!!!!') && line.endsWith('!!!'))) {
        interrupted = true;
        const why = line.replace(/^!+ | !+$/g, '');
        if (!/^stopping after|KeyboardInterrupt/.test(why)) run.crashed(why);
        return section === 'none' ? 'yes' : 'more';
      }
      if (section === 'blocks') blockLine(line);
      else if (section === 'summary') summaryLine(line);
      else return outside(line);
      return 'more';
    },
    end() {
      if (!ended) {
        closeBlock();
        if (summarised === 0) {
          for (const id of statuses) report(id, blockOf([titleOf(id)], id, false) ?? fresh());
          if (statuses.size === 0) closeSession();
        }
      }
      return ended && !interrupted;
    },
  };

  function blockLine(line: string) {
    const found = blockTitle.exec(line)?.[1];
    if (found !== undefined) {
      closeBlock();
      title = found.replace(/^ERROR at \w{1,10} of |^ERROR collecting /, '');
      return;
    }
    if (/^E {3}/.test(line)) words = line.slice(4).trim();
    if (current.words.length < 4000) current.words += `${line.slice(0, 500)}\n`;
    if (/^E {3}/.test(line) && current.message === '') current.message = words;
    const frame = native.exec(line);
    if (frame !== null && run.isInside(frame[1] ?? '')) {
      current.file = frame[1] ?? null;
      current.line = Number(frame[2]);
    }
    const raised = current.words.includes('Traceback (most recent call last):') ? exception.exec(line)?.[1] : undefined;
    if (raised !== undefined) current.message = raised;
    const at = place.exec(line);
    // With --tb=short the frames say `in name`; the last one in the repository is where it was raised.
    if (at === null) return;
    const isOwn = run.path(at[1] ?? '') !== null;
    if (isOwn) {
      current.file = at[1] ?? null;
      current.line = Number(at[2]);
    }
    if (title === null && lines.length < maxKept) {
      lines.push(own({ ...current, message: at[3] ?? '' }));
      current = fresh();
    }
  }

  function summaryLine(line: string) {
    const part = /^SUBFAIL(?:ED)?([([].{0,300}?)? (\S{1,500}::.*)$/.exec(line);
    const found = part?.[2] ?? /^(?:FAILED|ERROR) (\S.*)$/.exec(line)?.[1];
    if (found === undefined) return;
    const { id, message } = split(found);
    // A subtest is told by its parameters, and is counted beside its test.
    const code = part?.[1] ? `${id} ${part[1]}` : id;
    if (part !== null) subtests += 1;
    summarised += 1;
    const seen = blockOf([titleOf(code), id, titleOf(id)], id, line.startsWith('ERROR')) ?? lineOf(id);
    // The summary is cut to the width of a terminal.
    const full = seen?.message && (message === '' || message.endsWith('...')) ? seen.message : message;
    told(code, { ...(seen ?? fresh()), message: full, words: seen?.words || line }, line.startsWith('ERROR'));
  }

  /** The block of a test, which is taken away: the next of its name is another test's. */
  function blockOf(titles: readonly string[], id: string, isError: boolean): Seen | null {
    const file = fileOf(id);
    const inFile = (one: Block) => file === null || one.file === null || run.path(one.file) === run.path(file);
    const named = (one: Block) => titles.includes(one.title);
    const ranks = [(one: Block) => one.isError === isError && inFile(one), inFile, () => true];
    const at =
      ranks.map((fits) => blocks.findIndex((one) => named(one) && fits(one))).find((index) => index !== -1) ?? -1;
    return at === -1 ? null : (blocks.splice(at, 1)[0] ?? null);
  }

  function lineOf(id: string): Seen | null {
    const at = lines.findIndex((one) => one.file !== null && run.path(one.file) === run.path(fileOf(id) ?? ''));
    return at === -1 ? null : (lines.splice(at, 1)[0] ?? null);
  }

  function outside(line: string): 'no' | 'yes' {
    const found = progress.exec(line);
    const id = found?.[1] ?? found?.[2];
    if (id !== undefined) {
      if (statuses.size < maxKept) statuses.add(detached(id.trim()));
      run.saw();
      return 'yes';
    }
    if (/^INTERNALERROR> \S*(?:Error|Exception)/.test(line)) run.crashed(line);
    else if (/^ERROR: (?:usage:|not found:|file or directory not found|\S+: (?:error|No such))/.test(line))
      run.crashed(line);
    else return 'no';
    return 'yes';
  }
}

/** Without a hold on the log. */
function own(seen: Seen): Seen {
  const { message, file, words, line } = seen;
  return { message: detached(message.slice(0, 4000)), file: file && detached(file), line, words: detached(words) };
}

function fresh(): Seen {
  return { message: '', file: null, line: null, words: '' };
}

/** `tests/test_a.py::TestC::test_p[x]` stands over its block as `TestC.test_p[x]`. */
function titleOf(id: string): string {
  const at = id.indexOf('::');
  if (at === -1) return id;
  const name = id.slice(at + 2);
  const bracket = name.indexOf('[');
  const plain = bracket === -1 ? name : name.slice(0, bracket);
  return plain.replaceAll('::', '.') + (bracket === -1 ? '' : name.slice(bracket));
}

function fileOf(id: string): string | null {
  const at = id.indexOf('::');
  const file = at === -1 ? id : id.slice(0, at);
  return /\.\w{1,6}$/.test(file) ? file : null;
}

/** `nodeid - message`; the parameters of an id may hold ` - ` themselves. */
function split(text: string): { id: string; message: string } {
  const dash = text.indexOf(' - ');
  const bracket = text.indexOf('[');
  const close = bracket !== -1 && (dash === -1 || bracket < dash) ? text.indexOf('] - ') : -1;
  if (close !== -1) return { id: text.slice(0, close + 1), message: text.slice(close + 4) };
  if (bracket !== -1 && bracket < dash && text.endsWith(']')) return { id: text, message: '' };
  return dash === -1 ? { id: text.trim(), message: '' } : { id: text.slice(0, dash), message: text.slice(dash + 3) };
}
