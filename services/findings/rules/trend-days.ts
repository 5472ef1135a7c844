type TrendDay = {
  readonly date: string;
  readonly opened: number;
  readonly closed: number;
  readonly suppressed: number;
  readonly unsuppressed: number;
  /** Open at the end of the day. */
  readonly open: number;
  readonly open_by_severity: Readonly<Record<string, number>>;
};

const moves = ['opened', 'closed', 'suppressed', 'unsuppressed'] as const;
type Row = { readonly day: string; readonly severity: string } & { readonly [M in (typeof moves)[number]]: number };

/** The last `count` days up to `today` (UTC), one entry each, also for days on which nothing moved. */
export function trendDays(rows: readonly Row[], today: string, count: number): TrendDay[] {
  const first = new Date(Date.parse(`${today}T00:00:00Z`) - (count - 1) * 86_400_000).toISOString().slice(0, 10);
  const open = new Map<string, number>();
  const apply = ({ severity, opened, closed, suppressed, unsuppressed }: Row) =>
    open.set(severity, (open.get(severity) ?? 0) + opened + unsuppressed - closed - suppressed);
  for (const row of rows) if (row.day < first) apply(row);
  return Array.from({ length: count }, (_, index) => {
    const date = new Date(Date.parse(`${first}T00:00:00Z`) + index * 86_400_000).toISOString().slice(0, 10);
    const ofDay = rows.filter(({ day }) => day === date);
    ofDay.forEach(apply);
    const sum = (key: (typeof moves)[number]) => ofDay.reduce((total, row) => total + row[key], 0);
    const standing = [...open].filter(([, number]) => number > 0).sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      date,
      opened: sum('opened'),
      closed: sum('closed'),
      suppressed: sum('suppressed'),
      unsuppressed: sum('unsuppressed'),
      open: standing.reduce((total, [, number]) => total + number, 0),
      open_by_severity: Object.fromEntries(standing),
    };
  });
}
