import { signal } from '@preact/signals';

/** The reader's clock, in ms; moves every half minute, so that "3 minutes ago" stays true. */
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 30_000);
document.addEventListener('visibilitychange', () => {
  now.value = Date.now();
});

/** The same to the second, for what runs. */
export const second = signal(Date.now());

setInterval(() => {
  if (!document.hidden) second.value = Date.now();
}, 1_000);

/** The moment itself, for what counts seconds. */
export const moment = (): number => Date.now();
