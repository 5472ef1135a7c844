/** A function of two whole numbers: the first condition that holds says what it answers. */
export type Step = { readonly when?: string; readonly answer: string };
export type Sample = {
  readonly name: string;
  readonly good: readonly Step[];
  /** The seeded defect: this step instead of that one. */
  readonly bad: readonly Step[];
  /** Arguments at which the defect shows, and others at which it does not. */
  readonly shows: readonly [number, number];
  readonly hides: readonly [number, number];
};

const one = (answer: string): Step[] => [{ answer }];
const either = (when: string, first: string, second: string): Step[] => [{ when, answer: first }, { answer: second }];

/** What is seeded in each language. */
export const samples: readonly Sample[] = [
  { name: 'sum', good: one('a + b'), bad: one('a - b'), shows: [7, 4], hides: [9, 0] },
  { name: 'area', good: one('a * b'), bad: one('a + b'), shows: [5, 6], hides: [2, 2] },
  { name: 'edge', good: one('2 * (a + b)'), bad: one('2 * a + b'), shows: [3, 8], hides: [6, 0] },
  { name: 'least', good: either('a < b', 'a', 'b'), bad: either('a > b', 'a', 'b'), shows: [4, 11], hides: [8, 8] },
  { name: 'most', good: either('a > b', 'a', 'b'), bad: either('a > b', 'b', 'a'), shows: [13, 5], hides: [6, 6] },
  { name: 'span', good: either('a < b', 'b - a', 'a - b'), bad: one('a - b'), shows: [3, 17], hides: [12, 5] },
  { name: 'floor', good: either('a < b', 'b', 'a'), bad: one('a'), shows: [2, 9], hides: [15, 4] },
  {
    name: 'price',
    good: either('a * b > 100', 'a * b - 10', 'a * b'),
    bad: one('a * b'),
    shows: [12, 10],
    hides: [4, 5],
  },
  { name: 'postage', good: either('a > 50', '0', 'b'), bad: one('b'), shows: [70, 6], hides: [20, 7] },
  {
    name: 'wages',
    good: either('a > 40', '40 * b + (a - 40) * b * 2', 'a * b'),
    bad: either('a > 40', '40 * b + (a - 40) * b', 'a * b'),
    shows: [50, 12],
    hides: [30, 11],
  },
  {
    name: 'sign',
    good: [{ when: 'a < b', answer: '0 - 1' }, { when: 'a > b', answer: '1' }, { answer: '0' }],
    bad: [{ when: 'a < b', answer: '1' }, { when: 'a > b', answer: '1' }, { answer: '0' }],
    shows: [3, 7],
    hides: [9, 2],
  },
  { name: 'rest', good: either('a > b', 'a - b', '0'), bad: one('a - b'), shows: [4, 19], hides: [23, 6] },
];

/** What a function answers. */
export function answerAt(steps: readonly Step[], a: number, b: number): number {
  const value = (text: string): number | boolean => new Function('a', 'b', `return ${text};`)(a, b);
  const step = steps.find(({ when }) => when === undefined || value(when) === true);
  return Number(value(step?.answer ?? '0'));
}

/** Points at which an independent check looks: none of them stands in a test. */
export const hiddenPoints: readonly (readonly [number, number])[] = [
  [1, 2], [2, 1], [0, 0], [5, 5], [14, 9], [9, 14], [41, 3], [60, 2], [11, 31], [33, 12], [3, 40], [25, 25],
]; // biome-ignore format: a table
