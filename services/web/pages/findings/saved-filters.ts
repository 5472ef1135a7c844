import { useState } from 'preact/hooks';
import { ask } from '../../state/api-call.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import { useKeys } from '../../state/keys.ts';
import { at } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { Dialog } from '../../ui/dialog.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { say, trying } from '../../ui/toasts.ts';
import { filterBody } from './finding-filters.ts';

type Saved = {
  readonly name: string;
  readonly of: 'me' | 'team';
  readonly filter: Readonly<Record<string, string | number | readonly string[]>>;
  readonly by: string;
};

/** Filters that the reader and the team keep, each a link; what the page is narrowed to now is saved under a name. */
export function SavedFilters(): Drawn {
  const [isSaving, setSaving] = useState(false);
  const answer = useAnswer<{ filters: readonly Saved[] }>('/filters');
  const saved = answer.data?.filters ?? [];
  const here = inOrder(filterBody(true));
  const isNow = at.value === null;
  const first = () => document.querySelector<HTMLElement>('.saved a')?.focus();
  useKeys('Saved filters', [
    { keys: 'v', says: 'go to the saved filters', run: first },
    ...(isNow ? [{ keys: 'w', says: 'save what is narrowed down', run: () => setSaving(true) }] : []),
  ]);
  useOffered([
    { says: 'Save a filter', method: 'PUT', path: '/filters/NAME', body: { of: 'me', filter: filterBody(true) } },
    ...saved.map(({ name, of }) => ({
      says: `Remove the filter ${name}`,
      method: 'DELETE',
      path: `/filters/${encodeURIComponent(name)}?of=${of}`,
    })),
  ]);
  const remove = ({ name, of, filter }: Saved) =>
    void trying(async () => {
      const path = `/filters/${encodeURIComponent(name)}`;
      await ask('DELETE', `${path}?of=${of}`);
      const undo = async () => {
        await ask('PUT', path, { of, filter });
        answer.reload();
      };
      say(`“${name}” is kept no more`, { undo: () => void trying(undo) });
      answer.reload();
    });
  return html`<div class="facet saved"><h3>Saved</h3><ul>${saved.map((one) => {
    const isHere = inOrder(one.filter) === here;
    return html`<li key=${`${one.of} ${one.name}`} class="row"><a href=${addressOf(one)} aria-current=${isHere ? 'true' : undefined} class=${`grow ${isHere ? 'chosen' : ''}`}><span class="ellipsis">${one.name}</span>${one.of === 'team' && html` <span class="count">team</span>`}</a>
      ${isNow && (one.of === 'me' || may('write')) && html`<button type="button" class="plain small" aria-label=${`Remove the filter ${one.name}`} onClick=${() => remove(one)}>✕</button>`}</li>`;
  })}</ul>${isNow && html`<button type="button" class="small" onClick=${() => setSaving(true)}>Save this filter</button>`}
    ${isSaving && html`<${SaveDialog} known=${saved} close=${() => setSaving(false)} after=${answer.reload} />`}</div>`;
}

const inOrder = (filter: Readonly<Record<string, unknown>>) => JSON.stringify(Object.entries(filter).sort());

/** Where the page shows what a filter asks for. */
function addressOf({ filter }: Saved): string {
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) words.set(name, [value].flat().join());
  if (!words.has('state')) words.set('state', 'all');
  return `?${words}`;
}

function SaveDialog({ known, close, after }: { known: readonly Saved[]; close: () => void; after: () => void }): Drawn {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.target as HTMLFormElement);
    const name = String(given.get('name') ?? '').trim();
    const of = given.get('of') === 'team' ? 'team' : 'me';
    close();
    void trying(async () => {
      await ask('PUT', `/filters/${encodeURIComponent(name)}`, { of, filter: filterBody(true) });
      say(known.some((one) => one.name === name && one.of === of) ? `“${name}” was changed` : `“${name}” is saved`);
      after();
    });
  };
  return html`<${Dialog} title="Save this filter" close=${close}><form onSubmit=${submit}>
    <label class="field"><span>Name</span><input name="name" required maxlength="64" pattern="[^\/]+" title="anything but a slash" autofocus /></label>
    <fieldset class="row wrap plain-set"><legend>For</legend><label class="row"><input type="radio" name="of" value="me" defaultChecked /> me</label>${may('write') && html`<label class="row"><input type="radio" name="of" value="team" /> my team</label>`}</fieldset>
    <p class="small muted">A filter of that name gets this meaning.</p>
    <footer class="row end"><button type="button" onClick=${close}>Cancel</button><button class="primary">Save</button></footer>
  </form><//>`;
}
