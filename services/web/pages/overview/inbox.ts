import { useState } from 'preact/hooks';
import { useAnswer } from '../../state/ask-query.ts';
import { href } from '../../state/place.ts';
import { SeverityBadge } from '../../ui/badges.ts';
import { Section } from '../../ui/controls.ts';
import { entityHref } from '../../ui/entity-href.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago, inOwnZone } from '../../ui/time-element.ts';

type Item = {
  readonly kind: string;
  readonly severity: string | null;
  readonly project: string | null;
  readonly title: string;
  readonly reason: string;
  readonly since: string | null;
  readonly entity: string | null;
  readonly id: string | null;
};

/** So many stand on the page before somebody asks for the rest: what runs and how projects stand is below them. */
const atFirst = 8;

/** What needs a person, with the reason, the worst first. */
export function Inbox(): Drawn {
  const [isWhole, setWhole] = useState(false);
  const answer = useAnswer<{ items: readonly Item[]; total: number }>('/inbox', [
    'job',
    'finding',
    'patch',
    'schedule',
    'digest',
    'runner',
  ]);
  return html`<${Section} title="Needs a person" aside=${answer.data?.total.toLocaleString('en')}><${Answered} answer=${answer} lines=${8}>${({
    items,
    total,
  }: {
    items: readonly Item[];
    total: number;
  }) =>
    items.length === 0
      ? html`<${EmptyState} title="All quiet">Nothing needs you now. <a href=${href('/findings')}>Look through what is open</a><//>`
      : html`<ul class="list">${(isWhole ? items : items.slice(0, atFirst)).map((one, index) => html`<${InboxRow} key=${`${one.kind} ${one.id ?? index}`} one=${one} />`)}</ul>
        ${!isWhole && items.length > atFirst && html`<p class="more"><button type="button" onClick=${() => setWhole(true)}>Show all ${items.length}</button></p>`}
        ${isWhole && total > items.length && html`<p class="pad muted">The ${items.length} most urgent of ${total.toLocaleString('en')}.</p>`}`}<//><//>`;
}

function InboxRow({ one }: { one: Item }): Drawn {
  const { kind, severity, project, title, reason, since, entity, id } = one;
  return html`<li class="linked">${severity ? html`<${SeverityBadge} of=${severity} />` : html`<span class="badge warn">${kind}</span>`}
    <a class="grow-small" href=${entity && id ? entityHref(entity, id) : href('/fleet')}><span class="clamp">${title}</span><span class="small muted">${project && `${project} · `}${inOwnZone(reason)}</span></a><span class="small muted"><${Ago} at=${since} /></span></li>`;
}
