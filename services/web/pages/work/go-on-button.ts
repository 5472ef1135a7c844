import { useState } from 'preact/hooks';
import { ask } from '../../state/api-call.ts';
import { useOffered } from '../../state/calls.ts';
import { at } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { Dialog } from '../../ui/dialog.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { say, trying } from '../../ui/toasts.ts';

/** Has the agent go on: with its pull request, or in another round where the last one is over. */
export function GoOnButton({ path, again, after }: { path: string; again: boolean; after: () => void }): Drawn {
  const [isOpen, setOpen] = useState(false);
  const label = again ? 'Begin another round' : 'Go on';
  useOffered([{ says: label, method: 'POST', path: `${path}/resume`, body: { instructions: '…' } }]);
  if (!may('write')) return null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const instructions = String(new FormData(event.target as HTMLFormElement).get('instructions') ?? '').trim();
    setOpen(false);
    void trying(async () => {
      await ask('POST', `${path}/resume`, { instructions });
      say('The agent goes on');
      after();
    });
  };
  return html`<button type="button" disabled=${at.value !== null} onClick=${() => setOpen(true)}>${label}</button>
    ${
      isOpen &&
      html`<${Dialog} title=${label} close=${() => setOpen(false)}><form onSubmit=${submit}>
      <label class="field"><span>What it is to do</span><textarea name="instructions" rows="4" maxlength="4096" required autofocus></textarea></label>
      <footer class="row end"><button type="button" onClick=${() => setOpen(false)}>Cancel</button><button class="primary">${label}</button></footer></form><//>`
    }`;
}
