import { useState } from 'preact/hooks';
import { type Drawn, html } from './html.ts';

/** Puts a text on the clipboard. Over plain HTTP browsers have only the old way. */
async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}

export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }): Drawn {
  const [done, setDone] = useState(false);
  const run = async () => {
    await copy(text);
    setDone(true);
    setTimeout(() => setDone(false), 1_500);
  };
  return html`<button type="button" class="small" onClick=${run}>${done ? 'Copied' : label}</button>`;
}
