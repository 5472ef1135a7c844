import { signal } from '@preact/signals';
import { adviceOf, CallFailed } from '../state/api-call.ts';
import { type Drawn, html } from './html.ts';

type Toast = {
  readonly id: number;
  readonly words: string;
  readonly detail?: string;
  readonly bad?: boolean;
  readonly undo?: () => void;
};

const toasts = signal<readonly Toast[]>([]);
let last = 0;

const drop = (id: number) => {
  toasts.value = toasts.value.filter((one) => one.id !== id);
};

/** Says what was done. What can be undone stays until it is closed or the next thing is done. */
export function say(words: string, more: { detail?: string; bad?: boolean; undo?: () => void } = {}): void {
  last += 1;
  const id = last;
  toasts.value = [...toasts.value.filter(({ undo, bad }) => !undo && !bad).slice(-2), { id, words, ...more }];
  if (!more.undo && !more.bad) setTimeout(() => drop(id), 6_000);
}

/** The undo that stands on the page; null where there is none. */
export const lastUndo = (): (() => void) | null => {
  const found = toasts.value.findLast(({ undo }) => undo);
  if (!found?.undo) return null;
  const { id, undo } = found;
  return () => {
    drop(id);
    undo();
  };
};

/** Does something, and says what went wrong. */
export async function trying(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const { problem } = error;
    say(problem.title, { detail: `${problem.detail} ${adviceOf(problem)}`, bad: true });
    return false;
  }
}

export function Toasts(): Drawn {
  return html`<div class="toasts" role="status" aria-live="polite">
    ${toasts.value.map(
      ({ id, words, detail, bad, undo }) => html`<div key=${id} class=${`toast ${bad ? 'bad' : ''}`}>
        <div><strong>${words}</strong>${detail && html`<p>${detail}</p>`}</div>
        ${undo && html`<button type="button" onClick=${() => lastUndo()?.()}>Undo</button>`}
        <button type="button" class="plain" aria-label="Close" onClick=${() => drop(id)}>✕</button>
      </div>`,
    )}
  </div>`;
}
