import { usePages } from '../../state/ask-query.ts';
import { moment } from '../../state/browser-clock.ts';
import { at, href, navigate, query } from '../../state/place.ts';
import { Choice, More, PageHead } from '../../ui/controls.ts';
import { entityHref } from '../../ui/entity-href.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { ProjectChoice } from '../projects/project-choice.ts';

type Doc = Readonly<Record<string, unknown>>;
type Change = {
  readonly entity: string;
  readonly id: string;
  readonly project: string;
  readonly change: string;
  readonly before: Doc | null;
  readonly after: Doc | null;
  readonly events: readonly {
    readonly seq: number;
    readonly time: string;
    readonly type: string;
    readonly by?: string;
  }[];
  readonly more_events: number;
};

const day = 86_400_000;
const local = (value: string): string =>
  /^\d+$/.test(value)
    ? value
    : new Date(Date.parse(value) - new Date(value).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
const sent = (value: string): string => (/^\d*$/.test(value) ? value : new Date(value).toISOString());

/** A day before now or before the moment that is looked at; of a sequence the beginning. */
function dayBefore(then: string | null): string {
  if (then !== null && /^\d+$/.test(then)) return '0';
  const hour = 3_600_000;
  return new Date(Math.floor((then === null ? moment() : Date.parse(then)) / hour) * hour - day).toISOString();
}

/** What differs between two moments, and the events that made it so. */
export function Page(): Drawn {
  const to = query.value.get('to') ?? at.value;
  const from = query.value.get('from') ?? dayBefore(at.value);
  const words = new URLSearchParams({ limit: '50', from });
  if (to) words.set('to', to);
  for (const name of ['project', 'entity']) if (query.value.get(name)) words.set(name, query.value.get(name) ?? '');
  const answer = usePages<Change>(`/diff?${words}`, 'changes');
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const next = new URLSearchParams(query.value);
    next.set('from', sent(String(given.get('from') ?? '')));
    const until = sent(String(given.get('to') ?? ''));
    if (until) next.set('to', until);
    else next.delete('to');
    navigate(`/diff?${next}`, { keepAt: false });
  };
  return html`<${PageHead} title="Compare" lead="Two moments, what differs, and the events that made it so." />
    <form class="filters" role="search" onSubmit=${submit}><label class="field inline"><span>From</span><input name="from" type=${/^\d+$/.test(from) ? 'text' : 'datetime-local'} defaultValue=${local(from)} /></label><label class="field inline"><span>To (empty is now)</span><input name="to" type="datetime-local" defaultValue=${to && !/^\d+$/.test(to) ? local(to) : ''} /></label><button class="primary">Compare</button><${ProjectChoice} /><${Choice} name="entity" label="What" options=${['project', 'job', 'finding', 'patch']} /></form>
    <section class="panel" aria-label="Changes"><${Answered} answer=${answer}>${(list: readonly Change[]) => (list.length === 0 ? html`<${EmptyState} title="Nothing differs">Choose moments that are further apart.<//>` : html`<ul class="list">${list.map((one) => html`<${ChangeRow} key=${`${one.entity} ${one.id}`} one=${one} />`)}</ul><${More} more=${answer.more} />`)}<//></section>`;
}

const tones: Readonly<Record<string, string>> = { added: 'good', removed: 'bad', changed: 'busy' };

function ChangeRow({ one }: { one: Change }): Drawn {
  const to = entityHref(one.entity, one.id);
  const doc = one.after ?? one.before ?? {};
  const title = String(
    doc['message'] ?? doc['title'] ?? (one.entity === 'job' ? `${doc['recipe']} ${doc['subproject']}` : one.id),
  );
  return html`<li><span class=${`badge ${tones[one.change] ?? 'quiet'}`}>${one.change}</span><div class="grow"><a href=${to}>${one.entity} <strong>${title}</strong></a> <span class="muted small">${one.project}</span>
    ${one.change === 'changed' && html`<ul class="differences">${differences(one).map(([name, before, after]) => html`<li class="small"><span class="muted">${name}</span> <del>${before}</del> → <ins>${after}</ins></li>`)}</ul>`}
    <div class="small muted">${one.events.slice(0, 5).map((event, index) => html`${index > 0 && ' · '}<a href=${href(`/events?from=${event.seq}`)}>${event.type}</a>${event.by && ` by ${event.by}`}`)}${one.more_events > 0 && ` · ${one.more_events} more`}, <${Ago} at=${one.events.at(-1)?.time ?? null} /></div></div></li>`;
}

function differences({ before, after }: Change): [string, string, string][] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const shown = (value: unknown) =>
    (value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 160);
  return names
    .map((name): [string, string, string] => [name, shown(before?.[name]), shown(after?.[name])])
    .filter(([, a, b]) => a !== b)
    .slice(0, 12);
}
