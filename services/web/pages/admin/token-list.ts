import { useState } from 'preact/hooks';
import { ask } from '../../state/api-call.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import { at } from '../../state/place.ts';
import { me } from '../../state/session.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { Section } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { Ago, When } from '../../ui/time-element.ts';
import { trying } from '../../ui/toasts.ts';
import { SecretOnce } from './secret-once.ts';

type Token = {
  readonly name: string;
  readonly is_admin: boolean;
  readonly team: string;
  readonly role: string;
  readonly can: readonly string[];
  readonly projects: readonly string[] | null;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly revoked_at: string | null;
  readonly last_used_at: string | null;
};

/** Tokens with what each may see, and when it was used last. An owner sees those of the team. */
export function Tokens(): Drawn {
  const own = me.value?.token;
  const path = own?.is_admin ? '/admin/tokens' : `/teams/${encodeURIComponent(own?.team ?? '')}/tokens`;
  const answer = useAnswer<{ tokens: readonly Token[] }>(path, ['token']);
  const [made, setMade] = useState<{ title: string; secret: string } | null>(null);
  const shown =
    (name: string) =>
    ({ bearer }: { bearer?: string }) => {
      if (bearer) setMade({ title: `The token ${name}`, secret: bearer });
      answer.reload();
    };
  return html`<${MintForm} path=${path} done=${shown} />
    <section class="panel" aria-label="Tokens"><${Answered} answer=${answer}>${({
      tokens,
    }: {
      tokens: readonly Token[];
    }) =>
      html`<table class="stack"><thead><tr><th>Token</th><th>May</th><th>Sees</th><th>Last used</th><th>Ends</th><th><span class="unseen">Buttons</span></th></tr></thead><tbody>${tokens.map(
        (one) => html`<tr key=${one.name}>
      <td class="main"><strong>${one.name}</strong> ${one.revoked_at && html`<span class="badge bad">revoked</span>`}<div class="small muted">${one.role} of ${one.team}, since <${When} at=${one.created_at} /></div></td>
      <td><span class="dots">${one.can.map((scope) => html`<span class="badge">${scope}</span>`)}${one.is_admin && html`<span class="badge warn">all teams</span>`}</span></td>
      <td>${one.projects === null ? html`<span class="muted">all of its team</span>` : one.projects.join(', ')}</td>
      <td class="tight" data-label="used"><${Ago} at=${one.last_used_at} /></td><td class="tight" data-label="ends">${one.expires_at ? html`<${Ago} at=${one.expires_at} />` : html`<span class="muted">never</span>`}</td>
      <td class="tight">${!one.revoked_at && html`<span class="row"><${ActionButton} label="Rotate" path=${`${path}/${encodeURIComponent(one.name)}/rotate`} body=${{}} scope="admin" confirm="The old token stops at once; the new one is shown." done="Rotated" after=${shown(one.name)} /><${ActionButton} label="Revoke" method="DELETE" path=${`${path}/${encodeURIComponent(one.name)}`} scope="admin" danger confirm=${`Whoever uses ${one.name} is signed out at once.`} done="Revoked" after=${answer.reload} /></span>`}</td></tr>`,
      )}</tbody></table>`}<//></section>
    ${made && html`<${SecretOnce} ...${made} close=${() => setMade(null)} />`}`;
}

function MintForm({
  path,
  done,
}: {
  path: string;
  done: (name: string) => (answer: { bearer?: string }) => void;
}): Drawn {
  useOffered([{ says: 'Make a token', method: 'POST', path, body: { name: '…', role: 'maintainer' } }]);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const word = (name: string) => String(given.get(name) ?? '').trim();
    const days = Number(word('days'));
    void trying(async () => {
      const body = {
        name: word('name'),
        role: word('role'),
        ...(word('team') ? { team: word('team') } : {}),
        ...(days > 0
          ? { expires_at: new Date(performance.timeOrigin + performance.now() + days * 86_400_000).toISOString() }
          : {}),
      };
      done(body.name)(await ask<{ bearer: string }>('POST', path, body));
      form.reset();
    });
  };
  return html`<${Section} title="Make a token"><form class="filters pad" onSubmit=${submit}><label class="field inline"><span>Name</span><input name="name" required maxlength="64" placeholder="payments.ann" /></label>${me.value?.token.is_admin && html`<label class="field inline"><span>Team</span><input name="team" maxlength="64" placeholder="its own" /></label>`}
    <label class="field inline"><span>Role</span><select name="role"><option>viewer</option><option>runner</option><option selected>maintainer</option><option>owner</option></select></label><label class="field inline"><span>Ends after days</span><input name="days" type="number" min="1" placeholder="never" /></label><button class="primary" disabled=${at.value !== null}>Make it</button></form><//>`;
}
