import { durationWords } from '../../rules/time-words.ts';
import { second } from '../../state/browser-clock.ts';
import type { Job } from '../../state/documents.ts';
import { at, href } from '../../state/place.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Ago } from '../../ui/time-element.ts';
import { whyWords } from './job-reason.ts';

/** How long it took, or has taken so far; of an earlier moment only what had ended is known. */
export function Took({ job }: { job: Job }): Drawn {
  if (job.duration_ms !== null) return durationWords(job.duration_ms);
  return job.started_at && at.value === null
    ? durationWords(Math.max(0, second.value - Date.parse(job.started_at)))
    : '–';
}

/** Jobs as a table; the cards of a telephone where it is narrow. */
export function JobTable({ jobs, project = true }: { jobs: readonly Job[]; project?: boolean }): Drawn {
  return html`<table class="stack">
    <thead><tr><th>State</th><th>Job</th><th>Branch</th><th class="number">Findings</th><th class="number">Took</th><th>When</th></tr></thead>
    <tbody>${jobs.map(
      (job) => html`<tr class="linked" key=${job.job_id}>
      <td class="tight"><${StatusBadge} of=${job.status} /></td>
      <td class="main"><a href=${href(`/jobs/${job.job_id}`)}><strong>${job.recipe}</strong> ${project && html`${job.project} `}${job.subproject === '.' ? '' : html`<span class="muted">${job.subproject}</span>`}</a>
        ${(job.status === 'failed' || job.status === 'queued') && html`<div class="muted small clamp">${whyWords(job)}</div>`}</td>
      <td data-label="on"><span class="mono small">${job.branch}</span>${job.sha && html` <span class="muted mono small">${job.sha.slice(0, 8)}</span>`}</td>
      <td class="number" data-label="findings">${job.findings_count}${job.new_findings_count > 0 && html` <span class="bad-text">+${job.new_findings_count}</span>`}${job.resolved_findings_count > 0 && html` <span class="good-text">−${job.resolved_findings_count}</span>`}</td>
      <td class="number" data-label="took"><${Took} job=${job} /></td>
      <td class="tight"><${Ago} at=${job.finished_at ?? job.started_at ?? job.enqueued_at} /></td>
    </tr>`,
    )}</tbody></table>`;
}
