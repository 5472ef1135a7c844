import { usePages } from '../../state/ask-query.ts';
import type { Schedule } from '../../state/documents.ts';
import { query } from '../../state/place.ts';
import { More, PageHead, Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { clockWords, dayWords } from '../../ui/time-element.ts';
import { ScheduleRows } from '../../ui/views/schedule-rows.ts';
import { ProjectChoice } from '../projects/project-choice.ts';

export function Page(): Drawn {
  const project = query.value.get('project');
  const answer = usePages<Schedule>(
    `/schedules?limit=100${project ? `&project=${encodeURIComponent(project)}` : ''}`,
    'schedules',
    ['schedule', 'job', 'project'],
  );
  return html`<${PageHead} title="Schedules" lead="What runs by itself, when it ran last, and when it runs next." />
    <div class="filters" role="search"><${ProjectChoice} /></div>
    <section class="panel" aria-label="Schedules"><${Answered} answer=${answer}>${(list: readonly Schedule[]) => html`<${ScheduleRows} schedules=${list} reload=${answer.reload} /><${More} more=${answer.more} />`}<//></section>
    ${answer.data && answer.data.length > 0 && html`<${Calendar} schedules=${answer.data} />`}`;
}

/** The next runs of all, day by day. */
function Calendar({ schedules }: { schedules: readonly Schedule[] }): Drawn {
  const runs = schedules
    .flatMap((one) => one.next_runs.map((at) => ({ at, one })))
    .sort((a, b) => a.at.localeCompare(b.at))
    .slice(0, 60);
  const days = Map.groupBy(runs, ({ at }) => dayWords(at));
  return html`<${Section} title="Calendar"><div class="calendar">${[...days].map(([day, them]) => html`<div><h3>${day}</h3><ul>${them.map(({ at, one }) => html`<li><time datetime=${at}>${clockWords(at)}</time> ${one.recipe} <span class="muted">${one.project}</span></li>`)}</ul></div>`)}</div><//>`;
}
