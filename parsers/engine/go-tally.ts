import type { Run } from '../define.ts';
import { detached } from './plain-text.ts';

/** How many tests may be open at once, over all packages. */
type Running = { room: number };

/** Counts the tests of one package that were announced; a test with subtests is told by those. */
export type GoTally = {
  ran(test: string): void;
  ended(test: string, word: string): void;
  /** A line of `go test -v`. Without `-v` no test is announced, and none is counted. */
  line(line: string): void;
  close(): void;
};

export function goTally(run: Run, running: Running): GoTally {
  /** By name, whether a subtest of it ran. */
  const open = new Map<string, boolean>();
  const ran = (test: string) => {
    if (running.room > 0 && !open.has(test)) {
      open.set(detached(test), false);
      running.room -= 1;
    }
    const parent = test.slice(0, Math.max(test.lastIndexOf('/'), 0));
    if (open.has(parent)) open.set(parent, true);
  };
  const ended = (test: string, word: string) => {
    const isParent = open.get(test);
    if (isParent === undefined) return;
    open.delete(test);
    running.room += 1;
    if (!isParent) run.counted({ [word === 'pass' ? 'passed' : word === 'fail' ? 'failed' : 'skipped']: 1 });
  };
  return {
    ran,
    ended,
    line(line) {
      const started = /^=== RUN +(\S{1,500})$/.exec(line)?.[1];
      if (started !== undefined) ran(started);
      const end = /^ {0,80}--- (PASS|FAIL|SKIP): (\S{1,500})(?: \(|$)/.exec(line);
      if (end !== null) ended(end[2] ?? '', (end[1] ?? '').toLowerCase());
    },
    close() {
      running.room += open.size;
      open.clear();
    },
  };
}
