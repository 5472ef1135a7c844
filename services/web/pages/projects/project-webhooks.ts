import { useAnswer } from '../../state/ask-query.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';

type Webhook = {
  readonly id: string;
  readonly host: string;
  readonly on: readonly string[];
  readonly format: string;
  readonly pending: number;
  readonly sent: number;
  readonly last_sent_at: string | null;
  readonly last_failure: { readonly at: string; readonly reason: string } | null;
  readonly trying: { readonly attempts: number; readonly next_try: string; readonly reason: string } | null;
};

/** Who is told what, and whether it was heard. */
export function ProjectWebhooks({ name }: { name: string }): Drawn {
  const path = `/projects/${encodeURIComponent(name)}/webhooks`;
  const answer = useAnswer<{ webhooks: readonly Webhook[] }>(path, ['delivery', 'notice', 'project']);
  return html`<${Section} title="Webhooks"><${Answered} answer=${answer}>${({
    webhooks,
  }: {
    webhooks: readonly Webhook[];
  }) =>
    webhooks.length === 0
      ? html`<${EmptyState} title="Nobody is told">Add a webhook in the settings: <code>notify.webhooks</code>, for chat or for a service of yours.<//>`
      : html`<ul class="list">${webhooks.map(
          (
            one,
          ) => html`<li key=${one.id}><div class="grow"><strong>${one.host}</strong> <span class="badge">${one.format}</span><div class="small muted">${one.on.join(', ')}</div>
        ${one.trying && html`<div class="small warn-text">Tried ${one.trying.attempts} times: ${one.trying.reason}. Again <${Ago} at=${one.trying.next_try} />.</div>`}${one.last_failure && html`<div class="small bad-text">Given up <${Ago} at=${one.last_failure.at} />: ${one.last_failure.reason}</div>`}</div>
        <span class="small muted">${one.sent} told, ${one.pending} wait, last <${Ago} at=${one.last_sent_at} /></span>
        <${ActionButton} label="Test" path=${`${path}/${encodeURIComponent(one.id)}/test`} scope="write" done="A test was sent" after=${answer.reload} /></li>`,
        )}</ul>`}<//><//>`;
}
