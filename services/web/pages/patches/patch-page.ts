import { durationWords } from '../../rules/time-words.ts';
import { useAnswer } from '../../state/ask-query.ts';
import type { Patch } from '../../state/documents.ts';
import { href, navigate, query } from '../../state/place.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { StatusBadge } from '../../ui/badges.ts';
import { Facts, link, PageHead, Section, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { Chain } from '../../ui/views/chain.ts';
import { DiffView } from '../../ui/views/diff-view.ts';
import { Conversation } from './conversation.ts';
import { EvidenceView } from './evidence-view.ts';

type Answer = { readonly attempt: Patch };

export function Page({ params }: { params: { id: string } }): Drawn {
  const answer = useAnswer<Answer>(`/patches/${encodeURIComponent(params.id)}`, ['patch', 'job']);
  return html`<${Answered} answer=${answer}>${({ attempt }: Answer) => html`<${OnePatch} patch=${attempt} reload=${answer.reload} />`}<//>`;
}

const isSafe = (url: string | null): url is string => url !== null && /^https?:\/\//i.test(url);

function OnePatch({ patch, reload }: { patch: Patch; reload: () => void }): Drawn {
  const path = `/patches/${encodeURIComponent(patch.id)}`;
  const tab = query.value.get('tab') ?? 'diff';
  return html`
    <${PageHead} title=${patch.title ?? `Attempt ${patch.attempt_number} at finding ${patch.finding_id}`} lead=${html`<span class="row wrap"><${StatusBadge} of=${patch.status} />${patch.conflicted && html`<span class="badge warn">conflicts</span>`}<span>${patch.project}${patch.subproject === '.' ? '' : `/${patch.subproject}`}, ${patch.recipe}</span></span>`}>
      ${isSafe(patch.pr_url) && html`<a class="button primary" href=${patch.pr_url} target="_blank" rel="noreferrer">Pull request ${patch.pr_number}</a>`}
      ${isAsked(patch) && html`<${Answers} path=${path} digest=${patch.approval?.digest ?? ''} after=${reload} />`}
      ${patch.open && html`<${ActionButton} label="Stop" path=${`${path}/stop`} scope="write" danger reason confirm="The attempt ends here; its branch is not offered." done="Stopped" after=${reload} />`}
      ${
        !patch.open &&
        patch.status !== 'merged' &&
        html`<${ActionButton} label="Reconsider" path=${`${path}/reconsider`} scope="write" reason confirm="What was decided is looked at anew." done="It is reconsidered" after=${reload} />
        <${ActionButton} label="Draft again" path=${`/jobs/${encodeURIComponent(patch.job_id)}/patches`} body=${{ finding_id: patch.finding_id }} scope="write" done="A new attempt begins" after=${(answer: { attempt?: Patch | null }) => answer.attempt && navigate(`/patches/${encodeURIComponent(answer.attempt.id)}`)} />`
      }
    <//>
    ${isAsked(patch) && html`<div class="problem asked" role="note"><strong>It is proven and waits for a person</strong><p>Nothing is pushed before a maintainer approves exactly this diff (<code>${patch.approval?.digest.slice(0, 12)}</code>); who asked for it cannot. The time to answer ends <${Ago} at=${patch.approval?.expires_at} />.</p></div>`}
    ${patch.failure && html`<div class="problem" role="note"><strong>${patch.open ? 'Its last try failed' : 'It ended'} at the step “${patch.failure.step}”</strong><p>${patch.failure.detail}</p><p class="muted">${patch.failure.next}</p></div>`}
    <div class="columns"><div>
      <${Tabs} tabs=${[['diff', 'Diff', patch.files.length], ['evidence', 'Evidence'], ['talk', 'Conversation', patch.sent_back.length], ['why', 'Causes and effects']]} />
      <section class="panel" aria-label=${tab}>
        ${tab === 'diff' && (patch.diff ? html`<${DiffView} diff=${patch.diff} />` : html`<${EmptyState} title="There is no diff yet">It appears when a method has drafted one.<//>`)}
        ${tab === 'evidence' && (patch.evidence ? html`<${EvidenceView} evidence=${patch.evidence} />` : html`<${EmptyState} title="Nothing is proven yet">The same recipe runs on the patched tree; what it says stands here.<//>`)}
        ${tab === 'talk' && html`<${Conversation} patch=${patch} />`}
        ${tab === 'why' && html`<${Chain} path=${`${path}/explain`} />`}
      </section>
    </div><div>
      <${Section} title="Facts"><${Facts} facts=${[
        [
          'Mends',
          html`${[patch.finding_id, ...patch.members.map((one) => one.finding_id)].filter((id, index, all) => all.indexOf(id) === index).map((id) => html`<a href=${href(`/findings/${id}`)}>finding ${id}</a> `)}`,
        ],
        ['Method', patch.method?.replace('_', ' ')],
        ['Cost', costWords(patch)],
        ['Turns', String(patch.turn)],
        patch.confidence !== null && ['Sure of itself', `${Math.round(patch.confidence * 100)} %`],
        [
          'Onto',
          html`<code>${patch.base.branch}</code> <span class="muted mono">${patch.base.sha.slice(0, 10)}</span>`,
        ],
        ['Branch', html`<code>${patch.branch}</code>`],
        ['Asked for by', patch.requested_by],
        ['From', link(`/jobs/${patch.job_id}`, 'the job that found it')],
        patch.approval?.at && [
          'Approved',
          html`by ${patch.approval.by}, <${Ago} at=${patch.approval.at} />${patch.approval.reason && `: ${patch.approval.reason}`}`,
        ],
        patch.taken_over !== null && ['Taken over', patch.taken_over],
        patch.reconsidered !== null && [
          'Reconsidered',
          html`by ${patch.reconsidered?.by}: ${patch.reconsidered?.reason}`,
        ],
      ]} /><//>
      ${patch.explanation && html`<${Section} title="What its author says"><p class="pad untrusted">${patch.explanation}</p><//>`}
      <${Section} title="Steps"><ul class="list">${steps(patch).map(([says, at]) => html`<li><span class="grow">${says}</span><span class="small muted"><${Ago} at=${at} /></span></li>`)}</ul><//>
    </div></div>`;
}

const isAsked = ({ status, approval }: Patch): boolean => status === 'awaiting_approval' && approval?.by === null;

/** What a person says before the push; the digest names the very diff that stands on the page. */
function Answers({ path, digest, after }: { path: string; digest: string; after: () => void }): Drawn {
  return html`<${ActionButton} label="Approve" path=${`${path}/approve`} body=${{ digest }} scope="write" primary confirm="Exactly this diff is pushed, and its pull request is opened in your name." done="Approved: it is pushed next, and this page says how that ends" after=${after} />
    <${ActionButton} label="Decline" path=${`${path}/decline`} body=${{ digest }} scope="write" danger reason confirm="The attempt ends, and this diff is not proposed again." done="Declined" after=${after} />`;
}

function costWords({ cost }: Patch): Drawn {
  if (!cost) return '–';
  const tokens = (cost.input_tokens ?? 0) + (cost.output_tokens ?? 0);
  return [
    durationWords(cost.duration_ms),
    tokens > 0 && `${tokens.toLocaleString('en')} tokens`,
    cost.usd !== null && `$${cost.usd.toFixed(2)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function steps(patch: Patch): [string, string][] {
  const all: [string, string | null][] = [
    ['Asked for', patch.requested_at],
    ['Drafted', patch.drafted_at],
    ['Proven', patch.verified_at],
    ['Pushed', patch.pushed_at],
    ['Pull request opened', patch.pr_opened_at],
    ['Ended', patch.ended_at],
  ];
  return all.filter((one): one is [string, string] => one[1] !== null);
}
