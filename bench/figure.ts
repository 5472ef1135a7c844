/** One measurement: ours, what it is held against, and whether the promise is kept. */
export type Figure = {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** The denominator, taken in turn with ours in one run; null where the promise is an absolute figure. */
  readonly limit: number | null;
  /** What is promised of the ratio, or of ours where there is no denominator; null for a figure that only informs. */
  readonly target: Target | null;
};

type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A benchmark; what it prints beside its figures explains them. */
export type Bench = () => Promise<Figure[]>;

/** Whether the promise is kept; null where nothing is promised. */
export function isMet({ ours, limit, target }: Figure): boolean | null {
  if (target === null) return null;
  const value = limit === null ? ours : ours / limit;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

/** One table of all figures. */
export function tableOf(figures: readonly Figure[]): string {
  const head = ['what', 'unit', 'ours', 'limit', 'ratio', 'target', ''];
  const rows = figures.map((figure) => [
    figure.what,
    figure.unit,
    inShort(figure.ours),
    figure.limit === null ? '' : inShort(figure.limit),
    figure.limit === null ? '' : (figure.ours / figure.limit).toFixed(2),
    promiseOf(figure),
    { true: 'met', false: 'MISSED', null: '' }[String(isMet(figure))] ?? '',
  ]);
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column >= 2 && column <= 4 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [head, ...rows].map(line).join('\n');
}

function promiseOf({ limit, target, unit }: Figure): string {
  if (target === null) return '';
  const [sign, value] = 'atLeast' in target ? ['>=', target.atLeast] : ['<=', target.atMost];
  return `${sign} ${value}${limit === null ? ` ${unit}` : 'x'}`;
}

function inShort(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Runs one benchmark by itself and prints its figures. */
export async function printed(bench: Bench): Promise<void> {
  console.log(tableOf(await bench()));
}
