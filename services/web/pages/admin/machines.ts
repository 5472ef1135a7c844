import { useState } from 'preact/hooks';
import { ask } from '../../state/api-call.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import { at } from '../../state/place.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { trying } from '../../ui/toasts.ts';
import { SecretOnce } from './secret-once.ts';

type Machine = {
  readonly name: string;
  readonly public_key: string;
  readonly added_by: string;
  readonly added_at: string;
  readonly events?: readonly string[];
  readonly projects?: readonly string[];
  readonly waiting?: number | null;
};
type Kind = 'subscribers' | 'runners';

const says = {
  subscribers: { one: 'subscriber', what: 'A subscriber reads the events that it asks for, on an account of its own.' },
  runners: { one: 'runner', what: 'A runner of another machine takes jobs, and sees no log, no other job and no key.' },
} as const;

/** Accounts of machines: what each may see, and a secret that is shown once. */
export function Machines({ kind }: { kind: Kind }): Drawn {
  const path = `/admin/${kind}`;
  const answer = useAnswer<Readonly<Record<string, readonly Machine[]>>>(path, [kind.slice(0, -1)]);
  const [made, setMade] = useState<{ title: string; secret: string } | null>(null);
  useOffered([{ says: `Add a ${says[kind].one}`, method: 'POST', path, body: { name: '…' } }]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const name = String(new FormData(form).get('name') ?? '').trim();
    void trying(async () => {
      const { seed, credentials } = await ask<{ seed?: string | null; credentials?: string | null }>('POST', path, {
        name,
      });
      const secret = seed ?? credentials;
      if (secret) setMade({ title: `The key of ${name}`, secret });
      form.reset();
      answer.reload();
    });
  };
  return html`<${Section} title=${`Add a ${says[kind].one}`}><p class="pad muted">${says[kind].what}</p><form class="filters pad" onSubmit=${submit}><label class="field inline"><span>Name</span><input name="name" required maxlength="64" /></label><button class="primary" disabled=${at.value !== null}>Add it</button></form><//>
    <section class="panel" aria-label=${kind}><${Answered} answer=${answer}>${(
      data: Readonly<Record<string, readonly Machine[]>>,
    ) =>
      (data[kind] ?? []).length === 0
        ? html`<${EmptyState} title="There is none yet" />`
        : html`<ul class="list">${(data[kind] ?? []).map((one) => html`<li key=${one.name}><div class="grow"><strong>${one.name}</strong> <span class="mono small muted">${one.public_key.slice(0, 16)}…</span><div class="small muted">${one.events ? `Hears ${one.events.length === 0 ? 'every event' : one.events.join(', ')} of ${!one.projects || one.projects.length === 0 ? 'every project' : one.projects.join(', ')}` : ''}</div></div>${typeof one.waiting === 'number' && html`<span class="small">${one.waiting} wait</span>`}<span class="small muted">by ${one.added_by}, <${Ago} at=${one.added_at} /></span><${ActionButton} label="Remove" method="DELETE" path=${`${path}/${encodeURIComponent(one.name)}`} scope="admin" danger confirm=${`${one.name} is cut off at once.`} done="Removed" after=${answer.reload} /></li>`)}</ul>`}<//></section>
    ${made && html`<${SecretOnce} ...${made} close=${() => setMade(null)} />`}`;
}
