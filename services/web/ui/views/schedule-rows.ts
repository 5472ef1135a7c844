import type { Schedule } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { ActionButton } from '../action-button.ts';
import { StatusBadge } from '../badges.ts';
import { type Drawn, html } from '../html.ts';
import { EmptyState } from '../messages.ts';
import { Ago, When } from '../time-element.ts';

/** Schedules with what ran last and runs next, and buttons to run them now or switch them. */
export function ScheduleRows({
  schedules,
  reload,
  project = true,
}: {
  schedules: readonly Schedule[];
  reload: () => void;
  project?: boolean;
}): Drawn {
  if (schedules.length === 0)
    return html`<${EmptyState} title="Nothing runs by itself">Give a project a schedule, such as <code>"schedule": {"test": "0 3 * * *"}</code>, in its settings.<//>`;
  return html`<table class="stack"><thead><tr><th>Schedule</th><th>Next run</th><th>Last run</th><th><span class="unseen">Buttons</span></th></tr></thead><tbody>${schedules.map(
    (one) => {
      const path = `/schedules/${encodeURIComponent(one.project)}/${one.recipe}`;
      return html`<tr key=${path}>
      <td class="main"><strong>${one.recipe}</strong> ${project && html`<a href=${href(`/projects/${encodeURIComponent(one.project)}`)}>${one.project}</a>`}<div class="small muted"><code>${one.when}</code> ${one.timezone}</div>${one.missed > 0 && html`<span class="badge warn">${one.missed} missed</span>`}</td>
      <td data-label="next">${one.enabled ? html`<${When} at=${one.next_runs[0]} />` : html`<span class="badge quiet">off</span>`}</td>
      <td data-label="last">${one.last ? html`<${Ago} at=${one.last.at} /> <span class="dots">${one.last.jobs.slice(0, 6).map((job) => html`<a href=${href(`/jobs/${job.job_id}`)}><${StatusBadge} of=${job.status} /></a>`)}</span>` : html`<span class="faint">never</span>`}</td>
      <td class="tight"><span class="row"><${ActionButton} label="Run now" path=${`${path}/run`} scope="run" done="It runs" after=${reload} />
        <${ActionButton} label=${one.enabled ? 'Switch off' : 'Switch on'} path=${`${path}/${one.enabled ? 'disable' : 'enable'}`} scope="write" done=${one.enabled ? 'Switched off' : 'Switched on'} undo=${{ path: `${path}/${one.enabled ? 'enable' : 'disable'}`, done: 'As it was' }} after=${reload} /></span></td></tr>`;
    },
  )}</tbody></table>`;
}
