import { durationWords } from '../../rules/time-words.ts';
import { useAnswer } from '../../state/ask-query.ts';
import type { Status } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { me } from '../../state/session.ts';
import { Facts, PageHead, Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago, When } from '../../ui/time-element.ts';

/** What the farm is made of, and whether each part keeps up. */
export function Page(): Drawn {
  const answer = useAnswer<Status>('/status', ['job', 'runner', 'subscriber']);
  return html`<${Answered} answer=${answer}>${(status: Status) => html`
    <${PageHead} title="Fleet" lead=${`crafting-table ${status.version}; ${status.slots.busy} of ${status.slots.all} slots busy.`} />
    ${status.roles_missing.length > 0 && html`<p class="notice warn panel">No living process has the role ${status.roles_missing.join(', ')}.</p>`}
    ${status.log.stopped && html`<p class="notice warn panel">The read models stand still: ${status.log.stopped}</p>`}
    <${Section} title="Runners"><${Runners} runners=${status.runners} /><//>
    <div class="halves">
      <${Section} title="Runs now" aside=${String(status.running.length)}>${status.running.length === 0 ? html`<${EmptyState} title="Nothing runs" />` : html`<ul class="list">${status.running.map((one) => html`<li key=${one.job_id}><a class="grow" href=${href(`/jobs/${one.job_id}`)}><strong>${one.recipe}</strong> ${one.project} <span class="muted">${one.subproject}</span></a><span class="muted small">${durationWords(one.elapsed_ms)}</span></li>`)}</ul>`}<//>
      <${Section} title="Waits, and why" aside=${String(status.jobs.queued)}>${status.queue.length === 0 ? html`<${EmptyState} title="Nothing waits" />` : html`<ul class="list">${status.queue.map((one) => html`<li><a class="grow" href=${href(`/jobs?status=queued&project=${encodeURIComponent(one.project)}`)}><strong>${one.project}</strong> <span class="muted">${one.jobs} ${one.priority}</span><div class="small muted">${one.why}</div></a><span class="muted small">${durationWords(one.waiting_ms)}</span></li>`)}</ul>`}<//>
      <${Section} title="Consumers">${status.consumers.length === 0 ? html`<${EmptyState} title="Only admins see these" />` : html`<table><thead><tr><th>Name</th><th class="number">Behind</th><th class="number">At work</th></tr></thead><tbody>${status.consumers.map((one) => html`<tr><td>${one.name}</td><td class=${`number ${one.behind > 1000 ? 'bad-text' : ''}`}>${one.behind}</td><td class="number">${one.in_flight}</td></tr>`)}</tbody></table>`}<//>
      <${Section} title="Read models">${status.projectors.length === 0 ? html`<${EmptyState} title="Only admins see these" />` : html`<table><thead><tr><th>Host</th><th class="number">At event</th><th class="number">Behind</th><th>Snapshot</th></tr></thead><tbody>${status.projectors.map((one) => html`<tr><td>${one.host} <span class="muted">${one.pid}</span>${one.stopped && html`<div class="bad-text">${one.stopped}</div>`}</td><td class="number">${one.seq.toLocaleString('en')}</td><td class="number">${one.behind ?? '–'}</td><td>${one.snapshot_at ? html`<${Ago} at=${one.snapshot_at} />` : html`<span class="faint">none yet</span>`}</td></tr>`)}</tbody></table>`}<//>
    </div>
    <${Section} title="Log"><${Facts} facts=${[
      ['Events', (status.log.end ?? status.log.seq).toLocaleString('en')],
      ['Shown up to', status.log.seq.toLocaleString('en')],
      ['Notices that wait', status.notices_pending === null ? '–' : String(status.notices_pending)],
      [
        'Digest',
        status.digest_overdue
          ? html`<span class="warn-text">overdue: ${status.digest_overdue.reason}</span>`
          : 'on time',
      ],
      ['Farm’s clock', html`<${When} at=${status.time} />`],
      ['Durability', status.log.durability],
    ]} /><//>`}<//>`;
}

function Runners({ runners }: { runners: Status['runners'] }): Drawn {
  if (runners.length === 0 && !me.value?.token.is_admin) return html`<${EmptyState} title="Only admins see these" />`;
  if (runners.length === 0)
    return html`<${EmptyState} title="No runner is known">Jobs wait: start a service with the role <code>runner</code>.<//>`;
  return html`<table class="stack"><thead><tr><th>Runner</th><th class="number">Slots</th><th>Labels</th><th>Processes held by</th><th>Sandbox</th></tr></thead><tbody>${runners.map((one) => html`<tr key=${one.name}><td class="main"><strong>${one.host}</strong><div class="small muted mono">${one.name}</div></td><td class="number" data-label="busy">${one.busy} / ${one.slots}</td><td><span class="dots">${one.labels.map((label) => html`<span class="badge">${label}</span>`)}</span></td><td data-label="held by">${one.containment}</td><td data-label="sandbox">${one.sandbox ?? html`<span class="badge warn">none</span>`}</td></tr>`)}</tbody></table>`;
}
