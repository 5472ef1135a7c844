import { durationWords } from '../../rules/time-words.ts';
import { useAnswer } from '../../state/ask-query.ts';
import type { Status } from '../../state/documents.ts';
import { at, href } from '../../state/place.ts';
import { PageHead, Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { ProjectSummary } from '../projects/project-summary.ts';
import { Inbox } from './inbox.ts';

/** What needs a person, what runs now, and how each project stands. */
export function Page(): Drawn {
  return html`<${PageHead} title="Overview" lead="What needs a person, the worst first; what runs; how each project stands." />
    <div class="columns"><${Inbox} />${at.value === null && html`<${RunsNow} />`}</div>
    <h2 class="between">Projects</h2><${ProjectSummary} />`;
}

function RunsNow(): Drawn {
  const answer = useAnswer<Status>('/status', ['job', 'runner']);
  return html`<${Section} title="Runs now" aside=${answer.data && `${answer.data.slots.busy} of ${answer.data.slots.all} slots`}><${Answered} answer=${answer} lines=${4}>${({
    running,
    queue,
    jobs,
  }: Status) =>
    running.length === 0 && queue.length === 0
      ? html`<${EmptyState} title="Nothing runs">The next thing that is scheduled or asked for appears here at once.<//>`
      : html`<ul class="list">${running.map((one) => html`<li key=${one.job_id}><span class="badge busy"><span aria-hidden="true">◐</span> ${one.cancelling ? 'ending' : 'runs'}</span><a class="grow-small" href=${href(`/jobs/${one.job_id}`)}><strong>${one.recipe}</strong> ${one.project} <span class="muted">${one.subproject === '.' ? '' : one.subproject}</span></a><span class="muted small">${durationWords(one.elapsed_ms)}</span></li>`)}
          ${queue.map((one) => html`<li><span class="badge quiet"><span aria-hidden="true">○</span> waits</span><a class="grow-small" href=${href(`/jobs?status=queued&project=${encodeURIComponent(one.project)}`)}>${one.jobs} of <strong>${one.project}</strong><div class="small muted">${one.why}</div></a><span class="muted small">${durationWords(one.waiting_ms)}</span></li>`)}
          ${jobs.parsing > 0 && html`<li class="muted">${jobs.parsing} being read</li>`}</ul>`}<//><//>`;
}
