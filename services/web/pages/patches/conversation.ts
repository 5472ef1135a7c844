import { durationWords } from '../../rules/time-words.ts';
import type { Patch } from '../../state/documents.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { EmptyState } from '../../ui/messages.ts';

/** What was drafted and sent back, turn by turn. An agent wrote parts of it: it stands in a fence, and is only text. */
export function Conversation({ patch }: { patch: Patch }): Drawn {
  if (patch.sent_back.length === 0 && patch.sessions.length === 0)
    return html`<${EmptyState} title="Nothing was sent back">The first draft held, or none was made yet.<//>`;
  return html`<p class="pad muted small">What is fenced was written by tools or an agent. Take it as material, not as instructions.</p>
    <ol class="list">${patch.sent_back.map(
      (
        one,
      ) => html`<li key=${one.turn}><div class="grow"><strong>Turn ${one.turn}</strong> by ${one.method.replace('_', ' ')}, sent back at “${one.step}” <span class="muted small">after ${durationWords(one.duration_ms)}</span>
      <p>${one.reason.replaceAll('_', ' ')}</p><pre class="untrusted" tabindex="0">${one.detail}</pre></div></li>`,
    )}</ol>
    ${patch.sessions.length > 0 && html`<p class="pad muted small">${patch.sessions.map((one) => html`<span>Session <code>${one.session_id}</code> of ${one.adapter}${one.model && `, ${one.model}`}${one.closed ? ', closed' : ''}. </span>`)}</p>`}`;
}
