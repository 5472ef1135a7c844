import { durationWords } from '../../rules/time-words.ts';
import { useAnswer } from '../../state/ask-query.ts';
import type { Finding, Job } from '../../state/documents.ts';
import { href, navigate, query } from '../../state/place.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { Facts, PageHead, Section, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { When } from '../../ui/time-element.ts';
import { Chain } from '../../ui/views/chain.ts';
import { FindingRows } from '../findings/finding-rows.ts';
import { whyWords } from './job-reason.ts';
import { Took } from './job-rows.ts';
import { TimingBar } from './job-timing.ts';
import { LogView } from './log-view.ts';
import { SinceGreen } from './since-green.ts';

const isOver = ({ status }: Job) => status === 'succeeded' || status === 'failed' || status === 'cancelled';

/** So many findings of a job that failed stand above its log: they say why. */
const mostFirst = 3;

export function Page({ params }: { params: { id: string } }): Drawn {
  const id = encodeURIComponent(params.id);
  const answer = useAnswer<{ job: Job }>(`/jobs/${id}`, ['job']);
  return html`<${Answered} answer=${answer}>${({ job }: { job: Job }) => html`<${OneJob} job=${job} reload=${answer.reload} />`}<//>`;
}

function OneJob({ job, reload }: { job: Job; reload: () => void }): Drawn {
  const path = `/jobs/${encodeURIComponent(job.job_id)}`;
  const found = useAnswer<{ findings: readonly Finding[] }>(`${path}/findings?limit=500`, ['finding']);
  const findings = found.data?.findings ?? [];
  const tab = query.value.get('tab') ?? 'log';
  return html`
    <${PageHead} title=${html`${job.recipe} <span class="muted">of</span> ${job.project}${job.subproject === '.' ? '' : `/${job.subproject}`}`}
      lead=${html`<span class="row wrap"><${StatusBadge} of=${job.status} /> <span>${whyWords(job)}</span></span>`}>
      ${!isOver(job) && html`<${ActionButton} label="Cancel" path=${`${path}/cancel`} scope="run" danger confirm="The job is ended, and all that it started." done="Cancelled" after=${reload} />`}
      ${
        isOver(job) &&
        html`<${ActionButton} label="Run again" path=${`${path}/rerun`} scope="run" primary done="A new job waits" after=${(answer: {
          job?: Job;
          job_id?: string;
        }) => {
          const next = answer.job?.job_id ?? answer.job_id;
          if (next) navigate(`/jobs/${next}`);
        }} />`
      }
    <//>
    <${Timing} job=${job} />
    ${tab === 'log' && job.status === 'failed' && findings.length > 0 && html`<${Section} title="What it found" aside=${findings.length > mostFirst && html`<a href=${href(`/jobs/${job.job_id}?tab=findings`)}>all ${findings.length}</a>`}><${FindingRows} findings=${findings.slice(0, mostFirst)} none="" /><//>`}
    <${Tabs} tabs=${[['log', 'Log'], ['findings', 'Findings', job.findings_count], ['facts', 'How it ran'], ['green', 'Since it passed'], ['why', 'Causes and effects']]} />
    <section class="panel" aria-label=${tab}>
      ${tab === 'log' && (job.status === 'queued' ? html`<div class="empty"><p class="empty-title">It has not begun</p><p class="muted">${whyWords(job)}</p></div>` : html`<${LogView} id=${job.job_id} live=${!isOver(job)} bytes=${job.log_bytes} findings=${findings} key=${job.job_id} />`)}
      ${tab === 'findings' && html`<${Answered} answer=${found}>${(one: { findings: readonly Finding[] }) => html`<${FindingRows} findings=${one.findings} none="The job found nothing" />`}<//>`}
      ${tab === 'facts' && html`<${HowItRan} job=${job} />`}
      ${tab === 'green' && html`<${SinceGreen} path=${path} />`}
      ${tab === 'why' && html`<${Chain} path=${`${path}/explain`} />`}
    </section>`;
}

function Timing({ job }: { job: Job }): Drawn {
  const begun = Date.parse(job.started_at ?? job.finished_at ?? job.enqueued_at);
  const waited = Math.max(0, begun - Date.parse(job.enqueued_at));
  return html`<section class="panel"><${TimingBar} job=${job} />
    <${Facts} facts=${[
      // The bar says it of a job that is over.
      !isOver(job) && ['Waited', job.started_at ? durationWords(waited) : '–'],
      !isOver(job) && ['Ran', html`<${Took} job=${job} />`],
      [
        'Branch',
        html`<span class="mono">${job.branch}</span>${job.sha && html` <span class="mono muted">${job.sha.slice(0, 10)}</span>`}`,
      ],
      [
        'Asked for by',
        html`${job.requested_by}${job.rerun_of && html`, again of <a href=${href(`/jobs/${job.rerun_of}`)}>an earlier job</a>`}${job.patch_id && html`, for <a href=${href(`/patches/${encodeURIComponent(job.patch_id)}`)}>a patch</a>`}`,
      ],
      ['Enqueued', html`<${When} at=${job.enqueued_at} />`],
      job.tests && [
        'Tests',
        html`${job.tests.passed} passed, <span class=${job.tests.failed > 0 ? 'bad-text' : ''}>${job.tests.failed} failed</span>, ${job.tests.skipped} skipped`,
      ],
      job.coverage?.percent !== undefined &&
        job.coverage?.percent !== null && ['Coverage', `${job.coverage.percent} %`],
    ]} /></section>`;
}

function HowItRan({ job }: { job: Job }): Drawn {
  return html`<${Facts} facts=${[
    ['Command', html`<code>${job.command}</code>`],
    ['Ended with', job.exit_code === null ? (job.signal ?? '–') : String(job.exit_code)],
    ['Runner', job.runner && html`<code>${job.runner}</code>`],
    ['Processes held by', job.containment],
    ['Sandbox', job.sandbox],
    ['Priority', job.priority],
    ['Purpose', job.purpose],
    ['Commit', job.sha && html`<code>${job.sha}</code>`],
    ['Started', html`<${When} at=${job.started_at} />`],
    ['Finished', html`<${When} at=${job.finished_at} />`],
    [
      'Read by',
      job.tools.map(
        ({ tool, findings, complete }) => html`<div>${tool}: ${findings}${complete ? '' : ', cut off'}</div>`,
      ),
    ],
    job.not_observed !== null && ['Not looked at', job.not_observed],
    job.problems.length > 0 && ['Could not be read', job.problems.join('; ')],
    job.cancel_requested_by !== null && ['Cancelled by', job.cancel_requested_by],
    job.truncated && ['Log', 'was cut: it was longer than it may be'],
  ]} />`;
}
