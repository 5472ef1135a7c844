import { useState } from 'preact/hooks';
import { ask } from '../state/api-call.ts';
import { useOffered } from '../state/calls.ts';
import { at } from '../state/place.ts';
import { may } from '../state/session.ts';
import { Dialog } from './dialog.ts';
import { type Drawn, html } from './html.ts';
import { say, trying } from './toasts.ts';

type Action = {
  readonly label: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: Readonly<Record<string, unknown>>;
  /** What is asked before it is done: a sentence, and perhaps a reason. */
  readonly confirm?: string;
  readonly reason?: boolean;
  readonly scope: string;
  readonly done: string;
  readonly undo?: { readonly path: string; readonly done: string };
  readonly after?: (answer: Record<string, unknown>) => void;
  readonly primary?: boolean;
  readonly danger?: boolean;
};

/** A button that is one call of the API; `</>` in the header shows it as a command. Nothing is done in the past. */
export function ActionButton(action: Action): Drawn {
  const { label, method = 'POST', path, body, confirm, reason, scope, done, undo, after, primary, danger } = action;
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  useOffered([
    { says: label, method, path, ...(body || reason ? { body: { ...body, ...(reason ? { reason: '…' } : {}) } } : {}) },
  ]);
  if (!may(scope)) return null;
  const run = async (why?: string) => {
    setAsking(false);
    setBusy(true);
    await trying(async () => {
      const sent = body || why ? { ...body, ...(why ? { reason: why } : {}) } : undefined;
      const answer = await ask<Record<string, unknown>>(method, path, sent);
      const back =
        undo &&
        (() =>
          trying(async () => {
            await ask('POST', undo.path);
            say(undo.done);
            after?.({});
          }));
      say(done, back ? { undo: () => void back() } : {});
      after?.(answer);
    });
    setBusy(false);
  };
  return html`<button type="button" class=${`${primary ? 'primary' : ''} ${danger ? 'danger' : ''}`} disabled=${isBusy || at.value !== null} title=${at.value === null ? undefined : 'You look at the past: go back to now to change something.'} onClick=${() => (confirm || reason ? setAsking(true) : run())}>${label}</button>
    ${isAsking && html`<${AskFirst} ...${{ label, confirm: confirm ?? '', reason: reason ?? false, danger: danger ?? false }} close=${() => setAsking(false)} run=${run} />`}`;
}

function AskFirst({
  label,
  confirm,
  reason,
  danger,
  close,
  run,
}: {
  label: string;
  confirm: string;
  reason: boolean;
  danger: boolean;
  close: () => void;
  run: (why?: string) => void;
}): Drawn {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const why = new FormData(event.target as HTMLFormElement).get('reason');
    run(typeof why === 'string' && why !== '' ? why : undefined);
  };
  return html`<${Dialog} title=${label} close=${close}><form onSubmit=${submit}>
    ${confirm && html`<p>${confirm}</p>`}
    ${reason && html`<label class="field"><span>Reason</span><textarea name="reason" rows="3" maxlength="1024" required autofocus></textarea></label>`}
    <footer class="row end"><button type="button" onClick=${close}>Cancel</button><button class=${danger ? 'danger' : 'primary'}>${label}</button></footer>
  </form><//>`;
}
