import { useState } from 'preact/hooks';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import type { Finding, HistoryEntry, Patch } from '../../state/documents.ts';
import { useKeys } from '../../state/keys.ts';
import { at, href, navigate } from '../../state/place.ts';
import { may, me } from '../../state/session.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { SeverityBadge, StatusBadge } from '../../ui/badges.ts';
import { Facts, link, PageHead, Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { Ago, When } from '../../ui/time-element.ts';
import { say } from '../../ui/toasts.ts';
import { Chain } from '../../ui/views/chain.ts';
import { FileOwners } from './file-owners.ts';
import { placeWords } from './finding-rows.ts';
import { SourceAround } from './source-around.ts';
import { SuppressDialog } from './suppress-dialog.ts';
import { draftPatch, type Patching, suppress, unsuppress, whyNoPatch } from './triage.ts';

type Answer = {
  readonly finding: Finding;
  readonly history?: readonly HistoryEntry[];
  readonly patching?: Patching | null;
};

export function Page({ params }: { params: { id: string } }): Drawn {
  const answer = useAnswer<Answer>(`/findings/${encodeURIComponent(params.id)}`, ['finding', 'patch', 'project']);
  return html`<${Answered} answer=${answer}>${({ finding, history, patching }: Answer) => html`<${OneFinding} finding=${finding} history=${history ?? []} patching=${patching ?? null} reload=${answer.reload} />`}<//>`;
}

function OneFinding({
  finding,
  history,
  patching,
  reload,
}: {
  finding: Finding;
  history: readonly HistoryEntry[];
  patching: Patching | null;
  reload: () => void;
}): Drawn {
  const [isSilencing, setSilencing] = useState(false);
  const mayWrite = may('write') && at.value === null;
  const isSilent = finding.state === 'suppressed';
  const hindrance = whyNoPatch(patching);
  const draft = () =>
    hindrance === null
      ? void draftPatch(finding, (id) => navigate(`/patches/${encodeURIComponent(id)}`))
      : say('No patch can be drafted', { detail: hindrance });
  const silence = () => (isSilent ? void unsuppress({ ids: [finding.id] }, reload) : setSilencing(true));
  useKeys(
    'Finding',
    mayWrite
      ? [
          { keys: 's', says: isSilent ? 'lift the suppression' : 'suppress with a reason', run: silence },
          { keys: 'd', says: 'draft a patch', run: draft },
        ]
      : [],
  );
  useOffered([
    { says: 'Suppress', method: 'POST', path: `/findings/${finding.id}/suppress`, body: { reason: '…' } },
    {
      says: 'Draft a patch',
      method: 'POST',
      path: `/jobs/${finding.last_seen_job}/patches`,
      body: { finding_id: finding.id },
    },
  ]);
  return html`
    <${PageHead} title=${finding.message} lead=${html`<span class="row wrap"><${SeverityBadge} of=${finding.severity} /><${StatusBadge} of=${finding.state} /><span class="mono">${placeWords(finding)}</span></span>`}>
      <${Assign} finding=${finding} reload=${reload} />
      ${mayWrite && html`<button type="button" onClick=${silence}>${isSilent ? 'Lift suppression' : 'Suppress'}</button>${finding.state === 'open' && hindrance === null && html`<button type="button" class="primary" onClick=${draft}>Draft a patch</button>`}`}
    <//>
    ${finding.suppression && html`<p class="notice warn panel">Suppressed by ${finding.suppression.by} ${finding.suppression.until ? html`until <${When} at=${finding.suppression.until} />` : 'for good'}: ${finding.suppression.reason}</p>`}
    <div class="columns"><div>
      <${Section} title="Where it is" aside=${html`at <a href=${href(`/jobs/${finding.last_seen_job}`)}>the job that saw it last</a>`}><${SourceAround} finding=${finding} /><//>
      <${Mending} finding=${finding} hindrance=${hindrance} />
      <${Section} title="Causes and effects"><${Chain} path=${`/findings/${finding.id}/explain`} /><//>
    </div><div>
      <${Section} title="What it is"><${Facts} facts=${[
        ['Project', link(`/projects/${encodeURIComponent(finding.project)}`, finding.project)],
        ['Assigned to', finding.assignment?.to ?? 'nobody'],
        finding.file !== null && ['Owners of the file', html`<${FileOwners} finding=${finding} />`],
        ['Subproject', finding.subproject],
        ['Tool', finding.tool],
        [
          'Rule',
          finding.code &&
            (safeUrl(finding.url)
              ? html`<a href=${finding.url} target="_blank" rel="noreferrer">${finding.code}</a>`
              : html`<code>${finding.code}</code>`),
        ],
        ['Branch', html`<code>${finding.branch}</code>`],
        [
          'First seen',
          html`<a href=${href(`/jobs/${finding.first_seen_job}`)}><${Ago} at=${finding.first_seen_at} /></a>`,
        ],
        [
          'Last seen',
          html`<a href=${href(`/jobs/${finding.last_seen_job}${finding.log_line ? `#L${finding.log_line}` : ''}`)}><${Ago} at=${finding.last_seen_at} /></a>`,
        ],
        finding.package !== null && ['Package', html`${finding.package} ${finding.installed_version}`],
        finding.fixed_version !== null && ['Mended in', finding.fixed_version],
      ]} /><//>
      <${Section} title="Why it is the same as before"><p class="pad muted">It is known again by these, whatever line it moves to.</p><${Facts} facts=${Object.entries(
        finding.why_identity?.parts ?? {},
      )
        .filter(([, value]) => value !== null)
        .map(([name, value]) => [name, html`<code>${String(value)}</code>`] as const)} /><//>
      <${Section} title="History"><ul class="list">${history.map((one) => html`<li key=${one.seq}><span class="grow">${historyWords(one)}${one.by && html` <span class="muted">by ${one.by}</span>`}${one.reason && html`<div class="small muted">${one.reason}</div>`}</span>${one.job_id && html`<a class="small" href=${href(`/jobs/${one.job_id}`)}>job</a>`} <span class="small muted"><${Ago} at=${one.time} /></span></li>`)}</ul><//>
    </div></div>
    ${isSilencing && html`<${SuppressDialog} count=${1} close=${() => setSilencing(false)} run=${(how: { reason: string; until: string | null }) => void suppress({ ids: [finding.id] }, how, reload)} />`}`;
}

/** Who reads takes it, or gives it back. */
function Assign({ finding, reload }: { finding: Finding; reload: () => void }): Drawn {
  const to = finding.assignment?.to ?? null;
  const path = `/findings/${finding.id}/assign`;
  return html`${to !== me.value?.token.name && html`<${ActionButton} label="Assign to me" path=${path} body=${{ assignee: 'me' }} scope="write" done="It is yours" after=${reload} />`}
    ${to !== null && html`<${ActionButton} label="Assign to nobody" path=${path} body=${{ assignee: null }} scope="write" done="It is nobody’s" after=${reload} />`}`;
}

/** Addresses come from tools: only those of the web become links. */
function safeUrl(url: string | null): boolean {
  return url !== null && /^https?:\/\//i.test(url);
}

const events: Readonly<Record<string, string>> = {
  FindingDetected: 'Seen for the first time',
  FindingResolved: 'Mended: a job that looks for it did not see it',
  FindingReopened: 'Seen again',
  FindingUnwatched: 'No longer looked at: its recipe was taken out of the project',
  FindingSuppressed: 'Suppressed',
  FindingUnsuppressed: 'Counted again',
  FindingAssigned: 'Given to somebody, or to nobody',
};
const historyWords = ({ type }: HistoryEntry): string =>
  events[type] ?? type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();

/** What could mend it, why no patch can be drafted now where that is so, and what was tried. */
function Mending({ finding, hindrance }: { finding: Finding; hindrance: string | null }): Drawn {
  const patches = useAnswer<{ patches: readonly Patch[] }>(
    `/patches?project=${encodeURIComponent(finding.project)}&limit=200`,
    ['patch'],
  );
  const own = (patches.data?.patches ?? []).filter(
    ({ finding_id, members }) => finding_id === finding.id || members.some((one) => one.finding_id === finding.id),
  );
  const edits = finding.edits.length;
  return html`<${Section} title="How it can be mended">
    <div class="pad">${finding.suggested_fix && html`<p>The tool says: ${finding.suggested_fix}</p>`}
      ${edits > 0 ? html`<p class="muted">The tool itself offers an edit, which the farm can try and prove.</p>` : finding.fixed_version ? html`<p class="muted">Version ${finding.fixed_version} of ${finding.package} has it mended.</p>` : !finding.suggested_fix && hindrance === null && html`<p class="muted">Neither the tool nor a version offers a way; an agent may find one.</p>`}
      ${hindrance !== null && html`<p><strong>No patch can be drafted now.</strong> ${hindrance}</p>`}</div>
    ${own.length > 0 && html`<ul class="list">${own.map((one) => html`<li key=${one.id}><${StatusBadge} of=${one.status} /><a class="grow" href=${href(`/patches/${encodeURIComponent(one.id)}`)}>${one.title ?? `Attempt ${one.attempt_number}`}</a><span class="small muted"><${Ago} at=${one.updated_at} /></span></li>`)}</ul>`}
  <//>`;
}
