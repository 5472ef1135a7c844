import { bound, keysAreOn, turnKeys } from '../state/keys.ts';
import { Dialog } from '../ui/dialog.ts';
import { type Drawn, html } from '../ui/html.ts';

/** The keys that do something here, and a switch for whoever speaks to their computer. */
export function HelpDialog({ close }: { close: () => void }): Drawn {
  return html`<${Dialog} title="Keys of this page" close=${close}>
    ${bound.value.map(({ title, keys }) => html`<h3>${title}</h3><dl class="keys">${keys.map(({ keys: word, says }) => html`<div><dt>${word.split(' ').map((one) => html`<kbd>${one}</kbd>`)}</dt><dd>${says}</dd></div>`)}</dl>`)}
    <label class="row"><input type="checkbox" checked=${keysAreOn.value} onChange=${(event: Event) => turnKeys((event.target as HTMLInputElement).checked)} /> Single keys do something</label>
  <//>`;
}
