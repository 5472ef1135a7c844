import { useAnswer } from '../../state/ask-query.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { PageHead, Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';

type Mail = {
  readonly recipient: string;
  readonly recipient_count: number;
  readonly projects: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly status?: string;
  readonly reason?: string | null;
  readonly attempt?: number;
};
type Digest = {
  readonly date: string;
  readonly recorded: boolean;
  readonly mails: readonly Mail[];
  readonly skipped: readonly { readonly project: string; readonly reason: string }[];
};

/** The mails of one day as they were sent, or as they would be. */
export function Page({ params }: { params: { date: string } }): Drawn {
  const answer = useAnswer<Digest>(`/digests/${encodeURIComponent(params.date)}`, ['digest']);
  return html`<${Answered} answer=${answer}>${(digest: Digest) => html`
    <${PageHead} title=${`Digest of ${digest.date}`} lead=${digest.recorded ? 'As it was written.' : 'Not written yet: this is what it would say now.'}><button type="button" onClick=${() => print()}>Print</button><${ActionButton} label="Send now" path="/admin/digest/run-now" body=${{}} scope="admin" confirm="The digest that is due is written and sent." done="It is on its way" after=${answer.reload} /><//>
    ${digest.mails.length === 0 && html`<${EmptyState} title="Nobody was written to">Give a project an address in <code>notify.email</code>.<//>`}
    ${digest.mails.map(
      (
        mail,
      ) => html`<${Section} key=${mail.recipient} title=${mail.subject} aside=${html`${mail.recipient}${mail.recipient_count > 1 ? ` and ${mail.recipient_count - 1} more` : ''} ${mail.status && html`<span class="badge quiet">${mail.status.replaceAll('_', ' ')}</span>`}`}>
      ${mail.reason && html`<p class="pad warn-text">${mail.reason}</p>`}<pre class="mail" tabindex="0">${mail.text}</pre><//>`,
    )}
    ${digest.skipped.length > 0 && html`<${Section} title="Left out"><ul class="list">${digest.skipped.map(({ project, reason }) => html`<li><strong>${project}</strong> <span class="muted">${reason}</span></li>`)}</ul><//>`}`}<//>`;
}
