import { useAnswer } from '../../state/ask-query.ts';
import { moment } from '../../state/browser-clock.ts';
import { href } from '../../state/place.ts';
import { PageHead } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { dayWords } from '../../ui/time-element.ts';

const day = 86_400_000;

/** The days that a digest may have been written of. */
export function Page(): Drawn {
  const today = moment();
  const known = useAnswer<{ digests: readonly { date: string; mails?: number }[] }>('/digests', ['digest']);
  const dates =
    known.data?.digests.map(({ date }) => date) ??
    Array.from({ length: 30 }, (_, index) => new Date(today - index * day).toISOString().slice(0, 10));
  return html`<${PageHead} title="Digests" lead="The nightly mail, day by day, as it was sent." />
    <section class="panel"><ul class="list">${dates.map((date) => html`<li class="linked" key=${date}><a class="grow" href=${href(`/digests/${date}`)}>${dayWords(`${date}T12:00:00Z`)}</a><span class="muted mono small">${date}</span></li>`)}</ul></section>`;
}
