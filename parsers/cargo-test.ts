import type { Machine, Parser, Run, Stream } from './define.ts';
import { detached } from './engine/plain-text.ts';
import { numbersIn } from './engine/test-counts.ts';

const maxKept = 5000;
const maxBlock = 60;

type Failure = { message: string; file: string | null; line: number | null; column: number | null; text: string };

/** What `cargo test` prints for people. A test is counted from the list after the blocks; blocks give words and place. */
export const cargoTest: Parser = {
  name: 'cargo-test',
  recipes: ['test'],
  cues: [
    'failures:',
    'test result: ',
    'running ',
    ' ... FAILED',
    'test failed, ',
    'Running ',
    'Doc-tests ',
    ' targets failed',
    ' target failed',
    "process didn't exit",
  ],
  together: true,
  start,
};

function start(run: Run): Machine {
  let binaries = 0;
  let results = 0;
  let stopped = false;
  let inFailures: 'no' | 'blocks' | 'names' = 'no';
  let held: Stream = 'stdout';
  let name: string | null = null;
  let block: string[] = [];
  const blocks = new Map<string, Failure>();
  /** Status lines: used only for a binary whose list never came, since a test may print such lines itself. */
  const statuses = new Set<string>();

  const closeBlock = () => {
    if (name !== null && blocks.size < maxKept) blocks.set(detached(name), failureOf(name, block.map(detached), run));
    name = null;
    block = [];
  };
  const report = (test: string) => {
    const found = blocks.get(test) ?? { message: 'failed', file: null, line: null, column: null, text: test };
    blocks.delete(test);
    statuses.delete(test);
    const { text, ...place } = found;
    run.report({ kind: 'test_fail', severity: 'error', code: test, ...place, raw: text }, 'workspace');
  };
  const closeBinary = () => {
    closeBlock();
    for (const test of new Set([...blocks.keys(), ...statuses])) report(test);
    blocks.clear();
    statuses.clear();
    inFailures = 'no';
  };

  return {
    line(line, stream) {
      if (/^test result: (?:ok|FAILED)\. \d+ passed; /.test(line)) {
        results += 1;
        const number = numbersIn(line);
        run.counted({ passed: number('passed'), failed: number('failed'), skipped: number('ignored') });
        // Every name was in the list: what is left in the status lines was printed by a test.
        statuses.clear();
        closeBinary();
        return 'yes';
      }
      if (inFailures !== 'no' && stream === held) {
        failureLine(line);
        return 'more';
      }
      if (line === 'failures:') {
        inFailures = 'blocks';
        held = stream;
        return 'more';
      }
      if (/^running \d+ tests?$/.test(line)) run.saw();
      else if (/^ +(?:Running (?:unittests )?\S+ \(|Doc-tests )/.test(line)) binaries += 1;
      else if (/^error: \d+ targets? failed:$/.test(line)) stopped = false;
      else if (/^error: (?:doc)?test failed, to rerun pass/.test(line)) stopped = true;
      else if (/process didn't exit successfully: .{1,2000}\(signal: /.test(line)) run.crashed(line);
      else {
        const failed = /^test (.{1,500}?)(?: - should panic)? \.\.\. FAILED$/.exec(line)?.[1];
        if (failed === undefined) return 'no';
        if (statuses.size < maxKept) statuses.add(detached(failed));
      }
      run.saw();
      return 'yes';
    },
    end() {
      closeBinary();
      return results > 0 && results >= binaries && !stopped;
    },
  };

  function failureLine(line: string) {
    const title = /^---- (.{1,500}) stdout ----$/.exec(line)?.[1];
    if (title !== undefined) {
      closeBlock();
      name = title.replace(/ - should panic$/, '');
      inFailures = 'blocks';
    } else if (line === 'failures:') {
      closeBlock();
      inFailures = 'names';
    } else if (name !== null) {
      if (block.length < maxBlock) block.push(line.slice(0, 1000));
    } else if (inFailures === 'names' && /^ {4}\S/.test(line)) report(line.trim());
  }
}

/** Header of a panic up to Rust 1.72, and since 1.73 (with a thread id since 1.91). */
const oldPanic = /panicked at '(.{0,1500})', (\S{1,500}):(\d{1,7}):(\d{1,7})$/;
const newPanic = /panicked at (\S{1,500}):(\d{1,7}):(\d{1,7}):$/;
const noPanic = /^note: test did not panic as expected(?: at (\S{1,500}):(\d{1,7}):(\d{1,7}))?/;

function failureOf(test: string, block: readonly string[], run: Run): Failure {
  const text = block.join('\n');
  // The place in a doc test is that of a merged temporary file: its name says where it is.
  const doc = /^(\S{1,500}\.(?:rs|md)) - .{0,300}\(line (\d{1,7})\)/.exec(test);
  const place = (file?: string, line?: string, column?: string) => {
    if (doc !== null) return { file: doc[1] ?? null, line: Number(doc[2]), column: null };
    return { file: file ?? null, line: line ? Number(line) : null, column: column ? Number(column) : null };
  };
  for (let at = 0; at < block.length; at += 1) {
    const line = block[at] ?? '';
    const head = newPanic.exec(line);
    if (head !== null) {
      const rest = block.slice(at + 1);
      const end = rest.findIndex((one) => one === 'stack backtrace:' || one.startsWith('note: '));
      const message = (end === -1 ? rest : rest.slice(0, end)).join('\n').trim();
      const frame = /at \.\/(\S{1,500}):(\d{1,7}):(\d{1,7})$/m.exec(text);
      const inside = run.path(head[1] ?? '', 'workspace') !== null || frame === null;
      const where = inside ? place(head[1], head[2], head[3]) : place(frame[1], frame[2], frame[3]);
      return { ...where, message: message || 'panicked', text };
    }
    if (line.includes("panicked at '")) {
      // The message may go over several lines; the place ends the last of them.
      const joined = block.slice(at, at + 40).join(' ');
      const old =
        oldPanic.exec(line) ?? /panicked at '(.{0,1500}?)', (\S{1,500}):(\d{1,7}):(\d{1,7})(?: |$)/.exec(joined);
      if (old !== null) return { ...place(old[2], old[3], old[4]), message: old[1] ?? '', text };
    }
    const calm = noPanic.exec(line);
    if (calm !== null) return { ...place(calm[1], calm[2], calm[3]), message: 'test did not panic as expected', text };
  }
  const error =
    block.find((line) => line.startsWith('Error: ')) ?? block.find((line) => line.trim() !== '') ?? 'failed';
  return { ...place(), message: error, text };
}
