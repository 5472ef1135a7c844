import type { Machine, Parser, Run, Tally } from './define.ts';
import { type Fields, fields, isFields, list, numberOf, textOf, texts } from './engine/json-value.ts';
import { raisedAt, rubyFrame } from './engine/stack-frame.ts';
import { numbersIn, plus, tallyOf } from './engine/test-counts.ts';

const maxBlock = 120;
const loading = /^An error occurred (?:while loading (\S.{0,1023}?)|in an? `?.{1,200})\.?$/;

/** `rspec`, as `--format json` and as text. Pending examples that fail are expected to. */
export const rspec: Parser = {
  name: 'rspec',
  recipes: ['test'],
  json: {
    is: (value) =>
      isFields(value) && Array.isArray(value.examples) && isFields(value.summary) && 'summary_line' in value,
    cut: ['"examples":', '"full_description":'],
  },
  cues: ['Failures:', 'An error occurred ', ' examples, ', ' example, '],
  start,
};

type Block = { name: string; file: string | null; lines: string[] };

function start(run: Run): Machine {
  let ended = false;
  /** Two formatters may be at work. */
  let inReports: Tally | null = null;
  let inWords: Tally | null = null;
  let announced = 0;
  let told = 0;
  let broken = false;
  let reading = false;
  let open: Block | null = null;
  const close = () => {
    if (open !== null) told += 1;
    if (open !== null) fail(open.name, wordsOf(open.lines), open.lines, { file: open.file }, open.lines.join('\n'));
    open = null;
  };
  return {
    json(value) {
      const { examples, messages, summary } = fields(value);
      ended = true;
      const number = (key: string) => numberOf(fields(summary)[key]) ?? 0;
      inReports = plus(inReports, tallyOf(number('example_count'), number('failure_count'), number('pending_count')));
      if ((numberOf(fields(summary).errors_outside_of_examples_count) ?? 0) > 0) broken = true;
      for (const item of list(examples).map(fields)) if (item.status === 'failed') document(item);
      for (const text of texts(messages)) {
        const [first = '', ...lines] = text.trim().split('\n');
        const at = loading.exec(first);
        if (at !== null) fail(first, wordsOf(lines), lines, { file: at[1] ?? null }, text);
      }
    },
    line(line) {
      const sum = /^\d{1,9} examples?, (\d{1,9}) failures?/.exec(line);
      if (sum !== null) {
        stop();
        announced += Number(sum[1]);
        const number = numbersIn(line);
        inWords = plus(inWords, tallyOf(number('example'), number('failure'), number('pending')));
        ended = true;
        if (/ errors? occurred outside of examples/.test(line)) broken = true;
        run.saw();
        return 'yes';
      }
      const at = loading.exec(line);
      if (at !== null) {
        close();
        open = { name: line, file: at[1] ?? null, lines: [] };
        reading = true;
        return 'more';
      }
      if (line === 'Failures:') {
        close();
        reading = true;
        return 'more';
      }
      if (!reading) return 'no';
      const name = /^ {2}\d{1,9}\) (\S.{0,1000})$/.exec(line)?.[1];
      if (name !== undefined) {
        close();
        open = { name, file: null, lines: [] };
        return 'more';
      }
      if (/^Finished in \d|^Failed examples:|^No examples found\.|^Pending:/.test(line)) return stop();
      if (open === null) return line === '' ? 'more' : stop();
      if (open.lines.length < maxBlock) open.lines.push(line.slice(0, 2000));
      return 'more';
    },
    end(exit) {
      // What a cut log broke off in is not known.
      if (exit.reason === 'exited') close();
      const said = inReports ?? inWords;
      if (said !== null) run.counted(said);
      return ended && !broken && announced === told;
    },
  };

  function stop() {
    close();
    reading = false;
    return 'no' as const;
  }

  function document(item: Fields) {
    const { class: kind, message, backtrace } = fields(item.exception);
    const said = (textOf(message) ?? '').split('\n').map((line) => line.trim());
    // An expectation that is not met speaks for itself.
    const name = /^RSpec::/.test(textOf(kind) ?? 'RSpec::') ? '' : `${kind}: `;
    const place = { file: textOf(item.file_path), line: numberOf(item.line_number) };
    const words = `${name}${said.filter((line) => line !== '').join(' ')}`;
    fail(textOf(item.full_description) ?? '', words, texts(backtrace).slice(0, 500), place, item);
  }

  function fail(
    code: string,
    message: string,
    lines: readonly string[],
    place: { file: string | null; line?: number | null },
    raw: unknown,
  ) {
    const frames = lines.filter((line) => /^\s*# |:in /.test(line));
    const at = raisedAt(frames, rubyFrame, run);
    run.report({ kind: 'test_fail', severity: 'error', code, message: message || 'failed', ...place, ...at, raw });
  }
}

/** Without the line of source that failed (up to the first blank one) and the stack. */
function wordsOf(lines: readonly string[]): string {
  const from = lines.findIndex((line) => line.trim() === '');
  const rest = lines.slice(from + 1);
  const end = rest.findIndex((line) => /^\s*# /.test(line));
  const words = rest.slice(0, end === -1 ? 20 : Math.min(end, 20)).map((line) => line.trim());
  return words.filter((line) => line !== '').join(' ');
}
