import type { Column } from './fit-table.ts';

/** A budget as the API answers it. */
export type ShownBudget = {
  readonly level: string;
  readonly of: string;
  readonly unit: 'tokens' | 'usd';
  readonly per: string;
  readonly limit: number;
  readonly used: number | null;
  readonly share: number | null;
  readonly policy: string | null;
  readonly exhausted_at: string | null;
};

/** A sum of usage as the API answers it. */
export type ShownUsage = {
  readonly group: string | null;
  readonly calls: number;
  readonly estimated_calls: number;
  readonly tokens: number;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_tokens: number;
  readonly output_tokens: number;
  readonly usd: number;
  readonly unpriced_tokens: number;
};

/** `1,234,567` */
export const grouped = (number: number): string => number.toLocaleString('en');

/** `$12.34`; what is less than a cent has four digits. */
export const dollars = (usd: number): string => `$${usd.toFixed(usd !== 0 && usd < 0.01 ? 4 : 2)}`;

/** An amount of a budget. */
export const amount = (value: number, unit: 'tokens' | 'usd'): string =>
  unit === 'usd' ? dollars(value) : grouped(value);

const barWidth = 10;

/** `[######....] 62 %` */
export function bar(share: number): string {
  const filled = Math.min(barWidth, Math.round(share * barWidth));
  return `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ${Math.floor(share * 100)} %`;
}

const shareStyle = (share: number | null) => (share === null || share < 0.8 ? null : share < 1 ? 'yellow' : 'red');

export const budgetColumns: readonly Column<ShownBudget>[] = [
  { head: 'budget', of: ({ level, of }) => (level === 'farm' ? 'farm' : `${level} ${of}`), shrinksTo: 20 },
  { head: 'per', of: ({ per }) => per },
  { head: 'limit', of: ({ limit, unit }) => amount(limit, unit) },
  { head: 'used', of: ({ used, unit }) => (used === null ? '-' : amount(used, unit)) },
  { head: '', of: ({ share }) => (share === null ? '' : bar(share)), style: (_text, { share }) => shareStyle(share) },
  { head: 'then', of: ({ policy }) => policy ?? 'as the agent says', isExtra: true },
];

/** The table of usage, its first column headed by what it is the sum of. */
export const usageColumns = (by: string): readonly Column<ShownUsage>[] => [
  { head: by, of: ({ group }) => group ?? '-', shrinksTo: 16 },
  { head: 'calls', of: ({ calls }) => grouped(calls) },
  { head: 'tokens', of: ({ tokens }) => grouped(tokens) },
  { head: 'input', of: ({ input_tokens }) => grouped(input_tokens), isExtra: true },
  {
    head: 'cache',
    of: ({ cache_read_tokens: read, cache_write_tokens: written }) => grouped(read + written),
    isExtra: true,
  },
  { head: 'output', of: ({ output_tokens }) => grouped(output_tokens), isExtra: true },
  { head: 'money', of: ({ usd, unpriced_tokens }) => (unpriced_tokens > 0 ? `${dollars(usd)} +` : dollars(usd)) },
];
