import { moment } from '../state/browser-clock.ts';
import { at, navigate, setQuery } from '../state/place.ts';
import { Dialog } from '../ui/dialog.ts';
import { type Drawn, html } from '../ui/html.ts';

const hour = 3_600_000;
const jumps: readonly (readonly [says: string, ms: number])[] = [
  ['An hour ago', hour],
  ['Yesterday at this time', 24 * hour],
  ['A week ago', 7 * 24 * hour],
  ['30 days ago', 30 * 24 * hour],
];

/** Chooses the moment that every page shows: now, a date, or an event. */
export function TimeMachine({ close }: { close: () => void }): Drawn {
  const go = (to: string | null) => {
    close();
    setQuery({ at: to }, { replace: false });
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const seq = String(given.get('seq') ?? '');
    const date = String(given.get('date') ?? '');
    if (seq !== '') go(seq);
    else if (date !== '') go(new Date(date).toISOString());
  };
  const ago = (ms: number) => new Date(moment() - ms).toISOString();
  return html`<${Dialog} title="Show how things were" close=${close}>
    <p class="muted">Every page then shows what it showed at that moment.</p>
    <div class="row wrap">${at.value !== null && html`<button type="button" class="primary" onClick=${() => go(null)}>Now</button>`}
      ${jumps.map(([says, ms]) => html`<button type="button" onClick=${() => go(ago(ms))}>${says}</button>`)}</div>
    <form onSubmit=${submit}>
      <label class="field"><span>A date and time in your zone</span><input type="datetime-local" name="date" step="1" /></label>
      <label class="field"><span>or the number of an event</span><input type="number" name="seq" min="1" inputmode="numeric" placeholder=${/^\d+$/.test(at.value ?? '') ? at.value : ''} /></label>
      <footer class="row spread"><button type="button" onClick=${() => {
        close();
        navigate(`/diff?from=${encodeURIComponent(at.value ?? ago(24 * hour))}`, { keepAt: false });
      }}>Compare with now</button><button class="primary">Show</button></footer>
    </form>
  <//>`;
}
