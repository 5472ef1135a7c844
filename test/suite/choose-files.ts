import { globSync } from 'node:fs';
import { root, textOf } from './imports.ts';

/** Some files for one process; with words, only those of their tests whose titles hold one of them. */
export type Unit = {
  readonly files: readonly string[];
  readonly titles: readonly string[];
  /** Flags of the process. */
  readonly flags?: readonly string[];
};

export function allTestFiles(): string[] {
  return globSync('test/**/*.test.ts', { cwd: root }).sort();
}

/** The titles of a file's tests, as they are written. */
function titlesIn(file: string): string[] {
  return [...textOf(file).matchAll(/\b(?:test|it|describe)\(\s*(['"`])(.*?)\1/gs)].map(([, , title]) => title ?? '');
}

/**
 * What some words of a person mean: a word in the path of a file chooses the file, any other the tests whose titles hold
 * it. Without words everything. Throws a RangeError that names a word which chooses nothing.
 */
export function chooseUnits(words: readonly string[], files: readonly string[] = allTestFiles()): Unit[] {
  if (words.length === 0) return files.map((file) => ({ files: [file], titles: [] }));
  const whole = new Set<string>();
  const parts = new Map<string, Set<string>>();
  for (const word of words.map((one) => one.toLowerCase())) {
    const named = files.filter((file) => file.toLowerCase().includes(word.replace(/^\.\//, '')));
    for (const file of named) whole.add(file);
    if (named.length > 0) continue;
    const titled = files.filter((file) => titlesIn(file).some((title) => title.toLowerCase().includes(word)));
    if (titled.length === 0) throw new RangeError(`No test file and no test is called like "${word}".`);
    for (const file of titled) parts.set(file, (parts.get(file) ?? new Set()).add(word));
  }
  return [
    ...[...whole].map((file) => ({ files: [file], titles: [] })),
    ...[...parts]
      .filter(([file]) => !whole.has(file))
      .map(([file, titles]) => ({ files: [file], titles: [...titles] })),
  ];
}

/** The same things in the order that a seed stands for (mulberry32, Fisher-Yates). */
export function shuffled<T>(things: readonly T[], seed: number): T[] {
  let state = seed >>> 0;
  const chance = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const order = [...things];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(chance() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}
