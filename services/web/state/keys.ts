import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

type Key = { readonly keys: string; readonly says: string; readonly run: () => void };

/** Keys of what is on the page now, the last first. */
export const bound = signal<readonly { readonly title: string; readonly keys: readonly Key[] }[]>([]);

/** Whoever speaks to their computer turns single keys off (WCAG 2.1.4). */
export const keysAreOn = signal(localStorage.getItem('crafting-keys') !== 'off');

export function turnKeys(on: boolean): void {
  keysAreOn.value = on;
  localStorage.setItem('crafting-keys', on ? 'on' : 'off');
}

/** Binds keys while the component is there. `g j` is one after the other. */
export function useKeys(title: string, keys: readonly Key[]): void {
  useEffect(() => {
    const mine = { title, keys };
    bound.value = [mine, ...bound.value];
    return () => {
      bound.value = bound.value.filter((one) => one !== mine);
    };
  });
}

const typing = 'input, textarea, select, [contenteditable], dialog[open] *';
const pressed = 'a, button, summary';
let begun = '';
let timer: ReturnType<typeof setTimeout> | undefined;

export function hearKeys(): void {
  document.addEventListener('keydown', (event) => {
    if (!keysAreOn.value || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target instanceof Element && event.target.matches(typing)) return;
    // Enter on a link or button is that one's, whatever the page would do with it.
    if (event.key === 'Enter' && event.target instanceof Element && event.target.closest(pressed)) return;
    if (document.querySelector('dialog[open]')) return;
    const word = begun === '' ? event.key : `${begun} ${event.key}`;
    clearTimeout(timer);
    begun = '';
    const all = bound.value.flatMap(({ keys }) => keys);
    const key = all.find(({ keys }) => keys === word);
    if (key) {
      event.preventDefault();
      key.run();
    } else if (all.some(({ keys }) => keys.startsWith(`${word} `))) {
      begun = word;
      timer = setTimeout(() => {
        begun = '';
      }, 1_500);
    }
  });
}
