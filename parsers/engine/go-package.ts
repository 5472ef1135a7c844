import type { Run } from '../define.ts';
import { type GoTally, goTally } from './go-tally.ts';
import { detached } from './plain-text.ts';

const maxPartial = 4096;
const maxWords = 2000;
const logLine = /^\s*(?:\S{1,200}: )?([^\s:/]{1,200}\.go):(\d{1,7}): (.*)$/;

type Test = { failed: boolean; file: string | null; line: number | null; words: string; message: string };

/** The tests of one package as its output tells of them. */
export type GoPackage = {
  /** Output as it comes: parts of lines too. `test` is null where only the text says which one speaks. */
  output(text: string, test: string | null): void;
  fail(test: string): void;
  forget(test: string): void;
  readonly tally: GoTally;
  /** Reports what failed. `name` is its import path, `failed` what was said of the whole. */
  close(name: string, failed: boolean): void;
  /** Something of it was read that is not closed. */
  readonly open: boolean;
  /** It ended before all of its tests ran. */
  readonly broken: boolean;
};

/** How many tests may be kept at once, over all packages. */
type Room = { tests: number; readonly running: { room: number } };

export function goPackage(run: Run, room: Room): GoPackage {
  const tests = new Map<string, Test>();
  const partial = new Map<string, string>();
  const tally = goTally(run, room.running);
  let current: string | null = null;
  let panic: string | null = null;
  let panicAt: { file: string; line: number } | null = null;
  let last = '';
  let open = false;

  const of = (name: string): Test => {
    const known = tests.get(name) ?? { failed: false, file: null, line: null, words: '', message: '' };
    if (!tests.has(name) && room.tests > 0) {
      tests.set(detached(name), known);
      room.tests -= 1;
    }
    return known;
  };

  const forget = (test: string) => {
    if (tests.delete(test)) room.tests += 1;
  };

  const read = (line: string, test: string | null) => {
    open = true;
    if (test === null) tally.line(line);
    const failed = /^\s*--- FAIL: (\S{1,500})(?: \(|$)/.exec(line)?.[1];
    if (failed !== undefined) of(failed).failed = true;
    const speaker = failed ?? /^\s*(?:=== (?:RUN|CONT|NAME) +|--- (?:PASS|SKIP): )(\S{1,500})/.exec(line)?.[1];
    if (speaker !== undefined) {
      current = detached(speaker);
      // A test that passed says nothing more.
      if (/^\s*--- /.test(line) && failed === undefined) forget(speaker);
      return;
    }
    if (/^\s*panic: /.test(line)) panic ??= line.trim().replace(/ \[recovered\]$/, '');
    const frame = panic === null ? null : /^\t(\S.{0,1000}\.go):(\d{1,7})(?: \+0x[0-9a-f]{1,16})?$/.exec(line);
    if (frame !== null && panicAt === null && run.path(frame[1] ?? '') !== null) {
      panicAt = { file: frame[1] ?? '', line: Number(frame[2]) };
    }
    const name = test ?? current;
    if (line.trim() !== '') last = line.trim().slice(0, 500);
    if (name === null || panic !== null) return;
    const own = of(name);
    const log = logLine.exec(line);
    if (log !== null) {
      own.file = detached(log[1] ?? '');
      own.line = Number(log[2]);
      own.message = detached((log[3] ?? '').slice(0, maxWords));
    } else if (own.message !== '' && /^\s{4}/.test(line))
      own.message = detached(`${own.message} ${line.trim()}`.slice(0, maxWords));
    if (own.words.length < maxWords) own.words = detached(`${own.words}${line.slice(0, maxWords)}\n`);
  };

  return {
    get open() {
      return open;
    },
    get broken() {
      return panic !== null;
    },
    output(text, test) {
      const key = test ?? '';
      const lines = ((partial.get(key) ?? '') + text).split('\n');
      partial.delete(key);
      const rest = lines.pop() ?? '';
      if (rest !== '' && (partial.size < 50 || key === '')) partial.set(key, rest.slice(0, maxPartial));
      for (const line of lines) read(line, test);
    },
    fail: (test) => {
      of(test).failed = true;
    },
    forget,
    tally,
    close(name, failed) {
      for (const [key, rest] of partial) read(rest, key === '' ? null : key);
      const names = [...tests].filter(([, test]) => test.failed).map(([test]) => test);
      const parents = new Set(names.flatMap(ancestors));
      const leaves = names.filter((test) => !parents.has(test));
      const folder = folderOf(name);
      for (const test of leaves) {
        const own = of(test);
        const thrown = panic !== null && test === (current ?? leaves.at(-1)) && own.message === '';
        const place = thrown && panicAt !== null ? panicAt : { file: own.file && folder + own.file, line: own.line };
        const message = thrown ? (panic ?? '') : own.message || 'failed';
        report(test, message, folder === null && !thrown ? { file: null, line: null } : place, own.words);
      }
      if (failed && leaves.length === 0) report(name, panic ?? last, panicAt ?? { file: null, line: null }, last);
      room.tests += tests.size;
      tally.close();
      tests.clear();
      partial.clear();
      open = false;

      function report(
        test: string,
        message: string,
        place: { file: string | null; line: number | null },
        words: string,
      ) {
        const code = test === name || name === '' ? test : `${name}.${test}`;
        run.report(
          { kind: 'test_fail', severity: 'error', code, message, ...place, raw: words || message },
          'workspace',
        );
      }
    },
  };
}

function ancestors(test: string): string[] {
  const parts = test.split('/');
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('/'));
}

/**
 * The folder of a package in its module, with a slash at its end; null when not known. `go test` prints import paths and
 * bare file names, and no go.mod is at hand: a module is taken to be host/owner/name on the forges that work so, host/name
 * elsewhere, and one segment without a dot.
 */
function folderOf(name: string): string | null {
  if (name === '' || name === 'command-line-arguments') return null;
  const parts = name.split('/');
  const forge = /^(?:github|gitlab|bitbucket)\.(?:com|org)$|^codeberg\.org$/.test(parts[0] ?? '');
  let root = forge ? 3 : (parts[0] ?? '').includes('.') ? 2 : 1;
  if (/^v\d{1,3}$/.test(parts[root] ?? '')) root += 1;
  const folder = parts.slice(root).join('/');
  return folder === '' ? '' : `${folder}/`;
}
