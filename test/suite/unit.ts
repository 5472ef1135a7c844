// Runs some test files in this process, and writes a line of JSON for each thing that happens to the pipe of its parent.
import { readFileSync, writeSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { inspect } from 'node:util';
import './light-hooks.ts';

/** What a process of the suite tells. `cpuMs` counts it and all processes that it waited for. */
export type Told =
  | { readonly kind: 'began'; readonly title: string }
  | {
      readonly kind: 'passed' | 'failed' | 'skipped';
      readonly title: string;
      readonly file: string;
      readonly ms: number;
      /** What was computed since the test before it ended; 0 of a part of a test. */
      readonly cpuMs: number;
      readonly depth: number;
      /** Of a group of tests: what it holds is told apart. */
      readonly isGroup: boolean;
      readonly words: string;
    }
  | { readonly kind: 'over'; readonly tests: number; readonly cpuMs: number };

const pipe = 3;
const tell = (told: Told) => void writeSync(pipe, `${JSON.stringify(told)}\n`);

function cpuMs(): number {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [11, 12, 13, 14].reduce((sum, at) => sum + 10 * Number(fields[at]), 0);
  } catch {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  }
}

/** What was computed when the last test ended; null until the first one begins. */
let countedMs: number | null = null;

function sinceMs(depth: number): number {
  if (depth > 0) return 0;
  const [before, now] = [countedMs ?? 0, cpuMs()];
  countedMs = now;
  return now - before;
}

function wordsOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inspect(cause, { depth: 4, breakLength: 120 });
}

const [filesJson = '[]', titlesJson = '[]', timeout = '0'] = process.argv.slice(2);
const files = JSON.parse(filesJson) as string[];
const titles = JSON.parse(titlesJson) as string[];
process.argv.splice(2);

let under = 'the loading of the files';
let file = files.length === 1 ? (files[0] ?? '') : '';
/** The words of what was thrown or rejected where nobody takes it, and the test that ran then: the runner cannot say which. */
const thrown = new Map<string, string>();
for (const event of ['uncaughtExceptionMonitor', 'unhandledRejection'])
  process.on(event, (error) => void thrown.set(String(error), under));
// Not before its hooks are lightened.
const { run } = await import('node:test');
const stream = run({
  files,
  isolation: 'none',
  concurrency: false,
  timeout: Number(timeout),
  ...(titles.length > 0
    ? { testNamePatterns: titles.map((one) => new RegExp(one.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i')) }
    : {}),
});
stream.on('test:dequeue', ({ name, type, file: of }) => {
  if (countedMs === null) {
    // What was compiled is else kept at the end, when others have long compiled it again.
    flushCompileCache();
    countedMs = cpuMs();
  }
  if (type === 'suite') return;
  [under, file] = [name, of ?? file];
  tell({ kind: 'began', title: name });
});
stream.on('test:pass', ({ name, file = '', nesting, skip, details }) => {
  const isGroup = details.type === 'suite';
  const kind = skip === undefined ? 'passed' : 'skipped';
  const words = typeof skip === 'string' ? skip : '';
  tell({ kind, title: name, file, ms: details.duration_ms, cpuMs: sinceMs(nesting), depth: nesting, isGroup, words });
});
stream.on('test:fail', ({ name, file = '', nesting, details }) => {
  const isGroup = (details.error as { failureType?: string }).failureType === 'subtestsFailed';
  tell({
    kind: 'failed',
    title: name,
    file,
    ms: details.duration_ms,
    cpuMs: sinceMs(nesting),
    depth: nesting,
    isGroup,
    words: wordsOf(details.error),
  });
  process.exitCode = 1;
});
// Of such an error the runner speaks at the end alone.
stream.on('test:diagnostic', ({ message }) => {
  if (!message.includes('asynchronous activity')) return;
  const [words = message, title = under] = [...thrown].find(([one]) => message.includes(one)) ?? [];
  tell({
    kind: 'failed',
    title,
    file,
    ms: 0,
    cpuMs: 0,
    depth: 0,
    isGroup: false,
    words: `An error beside the test: ${words}`,
  });
});
stream.on('test:summary', ({ counts }) => tell({ kind: 'over', tests: counts.tests, cpuMs: cpuMs() }));
stream.resume();
