import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './imports.ts';
import type { Ended } from './run-unit.ts';

const say = (text: string) => void process.stdout.write(`${text}\n`);
const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const indented = (text: string) => text.replace(/^/gm, '    ');

const isGood = ({ tests, trouble }: Ended) => trouble === null && tests.every(({ kind }) => kind !== 'failed');

/** A line when a process has ended; with all that helps to see why when something failed. */
export function sayUnit(ended: Ended): void {
  const { unit, tests, ms, cpuMs, trouble, printed } = ended;
  const named = unit.files.length === 1 ? unit.files[0] : `${unit.files[0]} and ${unit.files.length - 1} more`;
  const leaves = tests.filter(({ isGroup }) => !isGroup);
  say(`${isGood(ended) ? '✔' : '✖'} ${named}  ${leaves.length} tests, ${seconds(ms)}, computed ${seconds(cpuMs)}`);
  if (isGood(ended)) return;
  for (const { title, file, words } of leaves.filter(({ kind }) => kind === 'failed'))
    say(`  ✖ ${title} (${relative(root, file)})\n${indented(words)}`);
  if (trouble !== null) say(`  ✖ the process: ${trouble}`);
  if (printed.trim() !== '') say(`  It printed:\n${indented(printed.slice(-8_000))}`);
}

/** What all processes computed that this one waited for, in ms; 0 where there is no /proc. */
function computedMs(): number {
  try {
    const text = readFileSync('/proc/self/stat', 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return [11, 12, 13, 14].reduce((sum, at) => sum + 10 * Number(fields[at]), 0);
  } catch {
    return 0;
  }
}

/** What each file computed, most first, in ms; what was loaded and ended for several files is shared out by nobody. */
function computedByFile(ended: readonly Ended[]): [string, number][] {
  const files = new Map<string, number>();
  const add = (file: string, ms: number) => files.set(file, (files.get(file) ?? 0) + ms);
  for (const { unit, tests, cpuMs } of ended) {
    for (const test of tests) add(relative(root, test.file), test.cpuMs);
    const told = tests.reduce((sum, test) => sum + test.cpuMs, 0);
    add(unit.files.length === 1 ? (unit.files[0] ?? '') : 'loading what several files share', cpuMs - told);
  }
  return [...files].sort(([, one], [, other]) => other - one);
}

type Sum = { readonly ms: number; readonly seed: number; readonly files: number };

/** How much of an error stands at the end again: a gate shows its last lines alone. */
const mostLines = 15;
const mostOfLine = 300;

function firstLines(words: string): string {
  const lines = words.split('\n').map((line) => line.slice(0, mostOfLine));
  return lines.slice(0, mostLines).join('\n');
}

/** The sum of a run, with what so many `files` computed; answers whether everything passed. */
export function sayEnd(ended: readonly Ended[], { ms, seed, files }: Sum): boolean {
  const leaves = ended.flatMap(({ tests }) => tests).filter(({ isGroup }) => !isGroup);
  const slowest = [...leaves].sort((one, other) => other.ms - one.ms).slice(0, 20);
  if (ended.length > 1) {
    say('\nThe slowest tests:');
    for (const { title, file, ms: took } of slowest)
      say(`  ${seconds(took).padStart(8)}  ${relative(root, file)}: ${title}`);
    say('The files that compute most:');
    for (const [file, ms] of computedByFile(ended).slice(0, files)) say(`  ${seconds(ms).padStart(8)}  ${file}`);
  }
  const skipped = leaves.filter(({ kind }) => kind === 'skipped');
  if (skipped.length > 0) {
    say('Skipped:');
    for (const { title, words } of skipped) say(`  ${title}${words === '' ? '' : `: ${words}`}`);
  }
  const failed = leaves.filter(({ kind }) => kind === 'failed');
  const broken = ended.filter(({ trouble }) => trouble !== null);
  if (failed.length + broken.length > 0) {
    say('\nFailed:');
    for (const { title, file, words } of failed)
      say(`  ✖ ${relative(root, file)}: ${title}\n${indented(firstLines(words))}`);
    for (const { unit, trouble } of broken) say(`  ✖ ${unit.files.join(', ')}: ${trouble}`);
  }
  const passed = leaves.length - failed.length - skipped.length;
  say(`\n${seconds(ms)}, computed ${seconds(computedMs())}; --seed ${seed}`);
  say(`tests: ${passed} passed, ${failed.length + broken.length} failed, ${skipped.length} skipped`);
  return ended.length > 0 && ended.every(isGood);
}
