import { useAnswer } from '../../state/ask-query.ts';
import { query } from '../../state/place.ts';
import { Choice, Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { StackedChart } from '../../ui/views/charts.ts';
import { type Mark, MarkList, markTitles } from './trend-marks.ts';

type Day = {
  readonly date: string;
  readonly opened: number;
  readonly closed: number;
  readonly suppressed: number;
  readonly unsuppressed: number;
  readonly open: number;
  readonly open_by_severity: Readonly<Record<string, number>>;
};

const order = ['critical', 'high', 'error', 'medium', 'warn', 'low', 'info'];

/** Open findings by severity over time, what came and went each day, and what stands out on the way. */
export function ProjectTrend({ name }: { name: string }): Drawn {
  const days = query.value.get('days') ?? '30';
  const path = `/projects/${encodeURIComponent(name)}`;
  const answer = useAnswer<{ days: readonly Day[] }>(`${path}/trends?days=${encodeURIComponent(days)}`, ['finding']);
  const marked = useAnswer<{ marks: readonly Mark[] }>(`${path}/marks?days=${encodeURIComponent(days)}`, [
    ...['job', 'patch', 'digest', 'finding'],
  ]);
  const marks = marked.data?.marks ?? [];
  return html`<div class="filters"><${Choice} name="days" label="How far back" any="30 days" options=${[['7', '7 days'], ['90', '90 days'], ['365', 'a year']]} /></div>
    <${Answered} answer=${answer}>${({ days: list }: { days: readonly Day[] }) => {
      const severities = order.filter((one) => list.some(({ open_by_severity }) => (open_by_severity[one] ?? 0) > 0));
      const dates = list.map(({ date }) => date);
      const series = (field: 'opened' | 'closed' | 'suppressed' | 'unsuppressed') => list.map((day) => day[field]);
      const decided = list.some(({ suppressed, unsuppressed }) => suppressed + unsuppressed > 0);
      return html`<${Section} title="Open findings" aside=${`${list.at(-1)?.open ?? 0} now`}><${StackedChart} days=${dates} marks=${markTitles(marks)} label="Open findings by severity, day by day" series=${severities.map((one) => ({ name: one, tone: one, values: list.map(({ open_by_severity }) => open_by_severity[one] ?? 0) }))} /><${MarkList} marks=${marks} /><//>
        <${Section} title="Came and went" aside="seen by runs, and mended"><${StackedChart} isFlow days=${dates} marks=${markTitles(marks)} label="Findings that were opened and closed, day by day" series=${[{ name: 'opened', tone: 'bad', values: series('opened') }, { name: 'closed', tone: 'good', values: series('closed') }]} /><//>
        ${decided && html`<${Section} title="Decided by people" aside="these count neither as come nor as gone"><${StackedChart} isFlow days=${dates} label="Findings that were suppressed and taken back, day by day" series=${[{ name: 'suppressed', tone: 'warn', values: series('suppressed') }, { name: 'taken back', tone: 'info', values: series('unsuppressed') }]} /><//>`}`;
    }}<//>`;
}
