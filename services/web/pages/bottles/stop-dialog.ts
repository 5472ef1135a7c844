import { ask } from '../../state/api-call.ts';
import { useOffered } from '../../state/calls.ts';
import { at } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { Dialog } from '../../ui/dialog.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { say, trying } from '../../ui/toasts.ts';

const policies = ['cutoff', 'freeze', 'kill'] as const;
export type Policy = (typeof policies)[number];

const words: Readonly<Record<Policy, { readonly label: string; readonly means: string; readonly done: string }>> = {
  cutoff: {
    label: 'Cut off',
    means: 'Its requests are refused from now on. It may end what it is at.',
    done: 'Its requests are refused',
  },
  freeze: {
    label: 'Freeze',
    means: 'It ends, and its state is kept: a later bottle can go on from there.',
    done: 'It is being frozen',
  },
  kill: { label: 'Stop', means: 'It ends at once, and nothing of it is kept.', done: 'It is being stopped' },
};

/** What is to be done to which bottle. */
export type Stopping = { readonly id: string; readonly agent: string; readonly policy: Policy };

/** Cut off, freeze, stop: each asks for a reason first. */
export function StopButtons({
  id,
  agent,
  ask: choose,
}: {
  id: string;
  agent: string;
  ask: (stopping: Stopping) => void;
}): Drawn {
  const path = `/bottles/${encodeURIComponent(id)}/stop`;
  useOffered(
    policies.map((policy) => ({ says: words[policy].label, method: 'POST', path, body: { policy, reason: '…' } })),
  );
  if (!may('run')) return null;
  return html`<span class="row">${policies.map(
    (policy) =>
      html`<button type="button" class=${policy === 'kill' ? 'danger' : ''} disabled=${at.value !== null} onClick=${() => choose({ id, agent, policy })}>${words[policy].label}<span class="unseen"> ${agent} ${id.slice(-6)}</span></button>`,
  )}</span>`;
}

export function StopDialog({
  stopping,
  close,
  after,
}: {
  stopping: Stopping;
  close: () => void;
  after: () => void;
}): Drawn {
  const { id, agent, policy } = stopping;
  const { label, means, done } = words[policy];
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const reason = String(new FormData(event.target as HTMLFormElement).get('reason') ?? '').trim();
    close();
    void trying(async () => {
      await ask('POST', `/bottles/${encodeURIComponent(id)}/stop`, { policy, ...(reason ? { reason } : {}) });
      say(done);
      after();
    });
  };
  return html`<${Dialog} title=${`${label}: ${agent}`} close=${close}><form onSubmit=${submit}>
    <p>${means} The agent is not asked.</p>
    <label class="field"><span>Reason, for whoever reads it later</span><textarea name="reason" rows="2" maxlength="1024" autofocus></textarea></label>
    <footer class="row end"><button type="button" onClick=${close}>Cancel</button><button class=${policy === 'kill' ? 'danger' : 'primary'}>${label}</button></footer>
  </form><//>`;
}
