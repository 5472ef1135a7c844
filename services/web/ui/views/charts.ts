import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { type Drawn, html } from '../html.ts';

const width = 120;
const height = 28;

/** A line of numbers in the size of a word; what it says stands in its label. */
export function Sparkline({ values, label, href }: { values: readonly number[]; label: string; href?: string }): Drawn {
  if (values.length < 2) return html`<span class="faint">–</span>`;
  const most = Math.max(1, ...values);
  const x = (index: number) => (index / (values.length - 1)) * (width - 4) + 2;
  const y = (value: number) => height - 3 - (value / most) * (height - 6);
  const points = values.map((value, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
  const picture = html`<svg class="spark" viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>
    <polygon points=${`2,${height - 1} ${points} ${width - 2},${height - 1}`} />
    <polyline points=${points} />
    <circle cx=${x(values.length - 1)} cy=${y(values.at(-1) ?? 0)} r="2" />
  </svg>`;
  return href ? html`<a href=${href} class="spark-link">${picture}</a>` : picture;
}

/** The width of an element as it is drawn, in px: what is written in a drawing of that width keeps its size. */
function useWidth(first: number): { ref: { current: HTMLElement | null }; width: number } {
  const ref = useRef<HTMLElement>(null);
  const [drawn, setDrawn] = useState(first);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const watch = new ResizeObserver(([entry]) =>
      setDrawn(Math.max(200, Math.round(entry?.contentRect.width ?? first))),
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  return { ref, width: drawn };
}

/** Something that happened on a day. */
export type ChartMark = { readonly day: string; readonly sign: string; readonly title: string };

type Series = { readonly name: string; readonly tone: string; readonly values: readonly number[] };

/**
 * Numbers over days, with a table of the same for whoever cannot see it: stacked areas of what stands at the end of each day, or
 * with `isFlow` bars of what happened on each, whose legend says the sums.
 */
export function StackedChart({
  days,
  series,
  label,
  marks = [],
  isFlow = false,
}: {
  days: readonly string[];
  series: readonly Series[];
  label: string;
  marks?: readonly ChartMark[];
  isFlow?: boolean;
}): Drawn {
  const { ref, width: w } = useWidth(720);
  const h = 200;
  const sums = days.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const most = Math.max(1, ...sums);
  const each = (w - 40) / days.length;
  const x = (index: number) => 34 + (isFlow ? (index + 0.5) * each : (index / Math.max(1, days.length - 1)) * (w - 40));
  const y = (value: number) => h - 22 - (value / most) * (h - 34);
  const lower = days.map(() => 0);
  const areas = series.map(({ name, tone, values }) => {
    const before = [...lower];
    values.forEach((value, index) => {
      lower[index] = (lower[index] ?? 0) + value;
    });
    if (isFlow)
      return html`<g class=${`area ${tone}`}><title>${name}</title>${values.map((value, index) => value > 0 && html`<rect x=${x(index) - each * 0.4} width=${each * 0.8} y=${y(lower[index] ?? 0)} height=${y(before[index] ?? 0) - y(lower[index] ?? 0)} />`)}</g>`;
    const bottom = before.map((value, index) => `${x(index)},${y(value)}`).reverse();
    const upper = lower.map((value, index) => `${x(index)},${y(value)}`);
    return html`<polygon class=${`area ${tone}`} points=${[...upper, ...bottom].join(' ')}><title>${name}</title></polygon>`;
  });
  const ticks = [0, Math.round(most / 2), most].filter((value, index, all) => all.indexOf(value) === index);
  const told = (values: readonly number[]) =>
    isFlow ? values.reduce((sum, one) => sum + one, 0) : (values.at(-1) ?? 0);
  return html`<figure class="chart" ref=${ref}>
    <svg viewBox=${`0 0 ${w} ${h}`} role="img" aria-label=${label}>
      ${ticks.map((value) => html`<g class="tick"><line x1="34" x2=${w - 6} y1=${y(value)} y2=${y(value)} /><text x="28" y=${y(value) + 4} text-anchor="end">${value}</text></g>`)}
      ${areas}
      ${marks.flatMap(({ day, sign, title }) => {
        const at = days.indexOf(day);
        return at < 0
          ? []
          : html`<g class="mark"><title>${title}, ${day}</title><line x1=${x(at)} x2=${x(at)} y1="10" y2=${h - 22} /><text x=${x(at)} y="9" text-anchor="middle">${sign}</text></g>`;
      })}
      <text x="34" y=${h - 6}>${days[0] ?? ''}</text><text x=${w - 6} y=${h - 6} text-anchor="end">${days.at(-1) ?? ''}</text>
    </svg>
    <figcaption>${series.map(({ name, tone, values }) => html`<span class="legend"><i class=${`swatch ${tone}`}></i>${name} <b>${told(values)}</b></span>`)}</figcaption>
    <details class="numbers"><summary>Numbers</summary><div class="scroll-x" tabindex="0" role="region" aria-label="Numbers of the chart"><table><thead><tr><th>Day</th>${series.map(({ name }) => html`<th class="number">${name}</th>`)}</tr></thead>
      <tbody>${days.map((one, index) => html`<tr><td>${one}</td>${series.map(({ values }) => html`<td class="number">${values[index] ?? 0}</td>`)}</tr>`)}</tbody></table></div></details>
  </figure>`;
}
