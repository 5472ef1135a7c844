import { useAnswer } from '../../state/ask-query.ts';
import { query } from '../../state/place.ts';
import { StackedChart } from '../../ui/charts.ts';
import { Choice, Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';

type Day = {
  readonly date: string;
  readonly opened: number;
  readonly closed: number;
  readonly open: number;
  readonly open_by_severity: Readonly<Record<string, number>>;
  readonly coverage: { readonly percent: number } | number | null;
};

const order = ['critical', 'high', 'error', 'medium', 'warn', 'low', 'info'];

/** Open findings by severity over time, and what came and went each day. */
export function ProjectTrend({ name }: { name: string }): Drawn {
  const days = query.value.get('days') ?? '30';
  const answer = useAnswer<{ days: readonly Day[] }>(
    `/projects/${encodeURIComponent(name)}/trends?days=${encodeURIComponent(days)}`,
    ['finding'],
  );
  return html`<div class="filters"><${Choice} name="days" label="How far back" any="30 days" options=${[['7', '7 days'], ['90', '90 days'], ['365', 'a year']]} /></div>
    <${Answered} answer=${answer}>${({ days: list }: { days: readonly Day[] }) => {
      const severities = order.filter((one) => list.some(({ open_by_severity }) => (open_by_severity[one] ?? 0) > 0));
      const dates = list.map(({ date }) => date);
      return html`<${Section} title="Open findings" aside=${`${list.at(-1)?.open ?? 0} now`}><${StackedChart} days=${dates} label="Open findings by severity, day by day" series=${severities.map((one) => ({ name: one, tone: one, values: list.map(({ open_by_severity }) => open_by_severity[one] ?? 0) }))} /><//>
        <${Section} title="Came and went"><${StackedChart} days=${dates} label="Findings that were opened and closed, day by day" series=${[{ name: 'opened', tone: 'bad', values: list.map(({ opened }) => opened) }, { name: 'closed', tone: 'good', values: list.map(({ closed }) => closed) }]} /><//>`;
    }}<//>`;
}
