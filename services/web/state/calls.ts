import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Call, onCall } from './api-call.ts';
import { place } from './place.ts';

type NamedCall = Call & { readonly says: string };

/** What the page has asked the API since it was opened. */
export const asked = signal<readonly Call[]>([]);

/** What the buttons of the page would ask. */
export const offered = signal<readonly NamedCall[]>([]);

const shown = 12;
let of = '';

onCall((call) => {
  if (call.path.startsWith('/web/') || call.path === '/session') return;
  if (of !== place.value.pathname) asked.value = [];
  of = place.value.pathname;
  const others = asked.value.filter(({ method, path }) => method !== call.method || path !== call.path);
  asked.value = [call, ...others].slice(0, shown);
});

/** Names what the buttons of a component would ask. */
export function useOffered(calls: readonly NamedCall[]): void {
  const key = JSON.stringify(calls);
  useEffect(() => {
    offered.value = [...offered.value, ...calls];
    return () => {
      offered.value = offered.value.filter((one) => !calls.includes(one));
    };
  }, [key]);
}
