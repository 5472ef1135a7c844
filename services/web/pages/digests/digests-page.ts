import { useAnswer } from '../../state/ask-query.ts';
import { href } from '../../state/place.ts';
import { me } from '../../state/session.ts';
import { PageHead } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { dayWords } from '../../ui/time-element.ts';

type Digests = { readonly digests: readonly { readonly date: string; readonly mails?: number }[] };

/** The days that a digest was written of. */
export function Page(): Drawn {
  if (me.value && !me.value.token.is_admin)
    return html`<${PageHead} title="Digests" /><section class="panel"><${EmptyState} title="Only admins see these">The nightly mail of a project goes to its <code>notify.email</code>.<//></section>`;
  return html`<${Days} />`;
}

function Days(): Drawn {
  const known = useAnswer<Digests>('/digests', ['digest']);
  return html`<${PageHead} title="Digests" lead="The nightly mail, day by day, as it was sent." />
    <section class="panel"><${Answered} answer=${known}>${({ digests }: Digests) =>
      digests.length === 0
        ? html`<${NoneYet} />`
        : html`<ul class="list">${digests.map(({ date }) => html`<li class="linked" key=${date}><a class="grow" href=${href(`/digests/${date}`)}>${dayWords(`${date}T12:00:00Z`)}</a><span class="muted mono small">${date}</span></li>`)}</ul>`}<//></section>`;
}

function NoneYet(): Drawn {
  if (me.value?.farm.features.digest)
    return html`<${EmptyState} title="No digest was sent yet">The first goes out at the hour of the digest, to the addresses in <code>notify.email</code> of each project.<//>`;
  return html`<${EmptyState} title="No digest was sent yet">Digests are off: the farm has no mail server. Set <code>CRAFTING_SMTP_HOST</code>, start the farm again, and give each project an address in <code>notify.email</code>.<//>`;
}
