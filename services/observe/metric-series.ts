/** Names and values of labels. */
type Labels = Readonly<Record<string, string>>;

type Counter = { add(labels?: Labels, by?: number): void };
/** Of durations, in seconds. */
type Histogram = {
  observe(seconds: number, labels?: Labels): void;
  /** Prints these labels with nothing observed. */
  begin(labels?: Labels): void;
};

type MetricSeries = {
  counter(name: string, help: string): Counter;
  histogram(name: string, help: string, bounds: readonly number[]): Histogram;
  /** Everything in the text format of Prometheus 0.0.4, in the order in which it was made. */
  text(): string;
};

/** A label whose values come from outside must not fill the memory of who asks: above this all are `other`. */
const mostSeries = 500;

/**
 * Counters and histograms, counted from the start of the process. They are kept here, and not in the library that prints
 * the gauges, since that one is loaded only when somebody asks.
 */
export function metricSeries(): MetricSeries {
  const printers: (() => string)[] = [];
  return {
    counter: (name, help) => {
      const series = bounded<{ value: number }>(() => ({ value: 0 }));
      printers.push(() => lines(name, help, 'counter', series, ({ value }, labels) => [[name, labels, value]]));
      return {
        add: (labels = {}, by = 1) => {
          series.of(labels).value += by;
        },
      };
    },
    histogram: (name, help, bounds) => {
      const empty = () => ({ counts: bounds.map(() => 0), sum: 0, count: 0 });
      const series = bounded(empty);
      const rows = ({ counts, sum, count }: ReturnType<typeof empty>, labels: Labels): Row[] => [
        ...counts.map((value, at): Row => [`${name}_bucket`, { ...labels, le: String(bounds[at]) }, value]),
        [`${name}_bucket`, { ...labels, le: '+Inf' }, count],
        [`${name}_sum`, labels, sum],
        [`${name}_count`, labels, count],
      ];
      printers.push(() => lines(name, help, 'histogram', series, rows));
      return {
        begin: (labels = {}) => void series.of(labels),
        observe: (seconds, labels = {}) => {
          const one = series.of(labels);
          one.sum += seconds;
          one.count += 1;
          for (const [at, bound] of bounds.entries()) if (seconds <= bound) one.counts[at] = (one.counts[at] ?? 0) + 1;
        },
      };
    },
    text: () => printers.map((print) => print()).join(''),
  };
}

type Row = readonly [name: string, labels: Labels, value: number];

function bounded<T>(make: () => T) {
  const known = new Map<string, { labels: Labels; one: T }>();
  const of = (labels: Labels): T => {
    const key = JSON.stringify(labels);
    const found = known.get(key);
    if (found) return found.one;
    if (known.size >= mostSeries && !Object.values(labels).every((value) => value === 'other'))
      return of(Object.fromEntries(Object.keys(labels).map((name) => [name, 'other'])));
    const one = make();
    known.set(key, { labels, one });
    return one;
  };
  return { of, all: () => known.values() };
}

function lines<T>(
  name: string,
  help: string,
  type: string,
  series: ReturnType<typeof bounded<T>>,
  rows: (one: T, labels: Labels) => Row[],
): string {
  const printed = [...series.all()].flatMap(({ labels, one }) => rows(one, labels).map(rowText));
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...printed, ''].join('\n');
}

function rowText([name, labels, value]: Row): string {
  const inner = Object.entries(labels).map(([label, text]) => `${label}="${text.replace(/["\\\n]/g, escaped)}"`);
  return `${name}${inner.length > 0 ? `{${inner.join(',')}}` : ''} ${value}`;
}

function escaped(sign: string): string {
  return sign === '\n' ? '\\n' : `\\${sign}`;
}
