import { useEffect, useRef, useState } from 'preact/hooks';
import { answerOf } from '../../state/api-call.ts';
import { onEvents } from '../../state/live.ts';
import type { LiveEvent } from '../../state/live-stream.ts';
import { at, href, query } from '../../state/place.ts';
import { Choice, PageHead, TextFilter } from '../../ui/controls.ts';
import { entityHref } from '../../ui/entity-href.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { EmptyState, Skeleton } from '../../ui/messages.ts';
import { Ago, When } from '../../ui/time-element.ts';
import { ProjectChoice } from '../projects/project-choice.ts';

const most = 500;
const back = 300;
const entities = [
  'project',
  'job',
  'finding',
  'patch',
  'schedule',
  'digest',
  'notice',
  'forge',
  'token',
  'team',
  'secret',
  'filter',
  'grant',
  'runner',
  'subscriber',
  'registration',
  'recipes',
];

/** Every event as it happens, and those of before. */
export function Page(): Drawn {
  const [events, setEvents] = useState<readonly LiveEvent[] | null>(null);
  const [isPaused, setPaused] = useState(false);
  const waiting = useRef<LiveEvent[]>([]);
  const from = query.value.get('from');
  const [entity, project, text] = [
    query.value.get('entity'),
    query.value.get('project'),
    query.value.get('text')?.toLowerCase(),
  ];
  const moment = at.value;
  useEffect(() => {
    const abort = new AbortController();
    setEvents(null);
    void eventsBefore({ from, entity, project, moment }, abort.signal).then(
      (list) => setEvents(list),
      () => !abort.signal.aborted && setEvents([]),
    );
    return () => abort.abort();
  }, [from, entity, project, moment]);
  useEffect(() => {
    if (moment !== null || from !== null) return;
    let frame = 0;
    const show = () => {
      frame = 0;
      const fresh = waiting.current.splice(0).reverse();
      setEvents((old) => [...fresh, ...(old ?? [])].slice(0, most));
    };
    const stop = onEvents((came) => {
      const wanted = came.filter(
        (one) => (!entity || one.entity === entity) && (!project || one.data['project'] === project),
      );
      waiting.current.push(...wanted);
      if (waiting.current.length > most) waiting.current.splice(0, waiting.current.length - most);
      if (!isPaused && frame === 0 && wanted.length > 0) frame = requestAnimationFrame(show);
    });
    if (!isPaused && waiting.current.length > 0) show();
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [entity, project, moment, from, isPaused]);
  const shown = (events ?? []).filter(
    (one) => !text || `${one.type} ${one.subject} ${JSON.stringify(one.data)}`.toLowerCase().includes(text),
  );
  return html`<${PageHead} title="Events" lead="Everything that happened, the newest first: what all other pages are made of."><button type="button" aria-pressed=${isPaused} onClick=${() => setPaused(!isPaused)}>${isPaused ? 'Go on' : 'Pause'}</button><//>
    <div class="filters" role="search"><${TextFilter} name="text" label="Text" placeholder="In what is shown" /><${Choice} name="entity" label="About" options=${entities} /><${ProjectChoice} />${from && html`<a class="button" href="?">Show the newest</a>`}</div>
    <section class="panel" aria-label="Events">${events === null ? html`<${Skeleton} lines=${12} />` : shown.length === 0 ? html`<${EmptyState} title="No event is like that">Events come as soon as something happens.<//>` : html`<ul class="list events">${shown.map((one) => html`<${EventRow} key=${one.seq} one=${one} />`)}</ul>`}</section>`;
}

function EventRow({ one }: { one: LiveEvent }): Drawn {
  const id = one.entity === 'finding' ? String(one.data['finding_id'] ?? '') : one.subject;
  const to = id === '' ? null : entityHref(one.entity, id);
  const project = one.data['project'];
  return html`<li><details class="grow"><summary><span class="mono muted small">${one.seq}</span> <strong>${one.type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()}</strong> <span class="muted mono small">${one.subject.slice(0, 60)}</span></summary>
      <p class="small muted"><${When} at=${one.time} /> · ${to && html`<a href=${to}>open the ${one.entity}</a> · `}<a href=${href(`/projects?at=${one.seq}`)}>how things were then</a></p><pre class="raw" tabindex="0">${JSON.stringify(one.data, null, 2)}</pre></details>
    ${typeof project === 'string' && html`<a class="small" href=${href(`/projects/${encodeURIComponent(project)}`)}>${project}</a>`}<span class="small muted"><${Ago} at=${one.time} /></span></li>`;
}

type Before = { from: string | null; entity: string | null; project: string | null; moment: string | null };

/** Some hundred events up to the end of the log, to a moment, or from one on; the newest first. */
async function eventsBefore({ from, entity, project, moment }: Before, signal: AbortSignal): Promise<LiveEvent[]> {
  const end = /^\d+$/.test(moment ?? '')
    ? Number(moment)
    : Number((await answerOf('GET', '/me', undefined, signal)).headers.get('x-crafting-seq') ?? 0);
  const words = new URLSearchParams({
    from: from ?? String(Math.max(1, end - (entity || project ? back * 10 : back))),
  });
  if (entity) words.set('entity', entity);
  if (project) words.set('project', project);
  const response = await answerOf('GET', `/events?${words}`, undefined, signal, { accept: 'application/x-ndjson' });
  const all = (await response.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as LiveEvent);
  const until = /^\d+$/.test(moment ?? '')
    ? all.filter(({ seq }) => seq <= Number(moment))
    : moment === null
      ? all
      : all.filter(({ time }) => time <= moment);
  return (from === null ? until.slice(-back) : until.slice(0, back)).reverse();
}
