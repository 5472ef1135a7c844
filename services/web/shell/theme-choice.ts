import { signal } from '@preact/signals';

type Theme = 'system' | 'light' | 'dark';
const order: readonly Theme[] = ['system', 'light', 'dark'];
const kept = 'crafting-theme';

const known = localStorage.getItem(kept);
export const theme = signal<Theme>(known === 'light' || known === 'dark' ? known : 'system');

export function nextTheme(): void {
  const next = order[(order.indexOf(theme.value) + 1) % order.length] ?? 'system';
  theme.value = next;
  if (next === 'system') {
    localStorage.removeItem(kept);
    delete document.documentElement.dataset['theme'];
  } else {
    localStorage.setItem(kept, next);
    document.documentElement.dataset['theme'] = next;
  }
}
