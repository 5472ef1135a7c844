import { useAnswer } from '../../state/ask-query.ts';
import { href } from '../../state/place.ts';
import { SeverityBadge } from '../../ui/badges.ts';
import { Section } from '../../ui/controls.ts';
import { entityHref } from '../../ui/entity-href.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';

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

/** What needs a person, with the reason, the worst first. */
export function Inbox(): Drawn {
  const answer = useAnswer<{ items: readonly Item[] }>('/inbox', [
    'job',
    'finding',
    'patch',
    'schedule',
    'digest',
    'runner',
  ]);
  return html`<${Section} title="Needs a person" aside=${answer.data && String(answer.data.items.length)}><${Answered} answer=${answer} lines=${8}>${({
    items,
  }: {
    items: readonly Item[];
  }) =>
    items.length === 0
      ? html`<${EmptyState} title="All quiet">Nothing needs you now. <a href=${href('/findings')}>Look through what is open</a><//>`
      : html`<ul class="list">${items.map(
          (
            one,
            index,
          ) => html`<li class="linked" key=${`${one.kind} ${one.id ?? index}`}>${one.severity ? html`<${SeverityBadge} of=${one.severity} />` : html`<span class="badge warn">${one.kind}</span>`}
          <a class="grow-small" href=${one.entity && one.id ? entityHref(one.entity, one.id) : href('/fleet')}><span class="clamp">${one.title}</span><span class="small muted">${one.project && `${one.project} · `}${one.reason}</span></a><span class="small muted"><${Ago} at=${one.since} /></span></li>`,
        )}</ul>`}<//><//>`;
}
