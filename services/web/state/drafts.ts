import { signal } from '@preact/signals';
import { me } from './session.ts';

/** Text that somebody began to change, and what it was when they began. */
type TextDraft = { readonly base: string; readonly text: string };

/** By reader and place, in memory alone: what one types may be secret, and is nobody's who signs in later. */
const drafts = signal<ReadonlyMap<string, TextDraft>>(new Map());

const keyOf = (place: string): string => `${me.value?.token.name ?? ''} ${place}`;

export const draftOf = (place: string): TextDraft | null => drafts.value.get(keyOf(place)) ?? null;

/** Keeps what was typed while the tab is open; null forgets it. */
export function keepDraft(place: string, draft: TextDraft | null): void {
  const next = new Map(drafts.value);
  if (draft === null) next.delete(keyOf(place));
  else next.set(keyOf(place), draft);
  drafts.value = next;
}

/** The browser asks before a tab is closed or loaded anew in which something was typed and not saved. */
export function guardDrafts(): void {
  addEventListener('beforeunload', (event) => {
    if (drafts.value.size > 0) event.preventDefault();
  });
}
