import { useState } from 'preact/hooks';
import { keysAreOn, useKeys } from '../state/keys.ts';
import { liveState } from '../state/live.ts';
import { at, navigate, setQuery } from '../state/place.ts';
import { me, signOut } from '../state/session.ts';
import { CurlDialog } from '../ui/curl-dialog.ts';
import { type Drawn, html } from '../ui/html.ts';
import { lastUndo } from '../ui/toasts.ts';
import { HelpDialog } from './help-dialog.ts';
import { menuIsOpen, places } from './navigation.ts';
import { nextTheme, theme } from './theme-choice.ts';
import { TimeMachine } from './time-machine.ts';

const says = {
  live: 'Live',
  connecting: 'Connecting',
  offline: 'Offline, trying again',
  'signed-out': 'Signed out',
} as const;

/** Above every page: the moment that is looked at, whether it is live, help, who reads. */
export function TopBar(): Drawn {
  const [open, setOpen] = useState<'help' | 'curl' | 'time' | null>(null);
  const close = () => setOpen(null);
  useKeys('Everywhere', [
    { keys: '?', says: 'show the keys of this page', run: () => setOpen('help') },
    { keys: 't', says: 'choose the moment that is shown', run: () => setOpen('time') },
    { keys: '<', says: 'show this page as commands', run: () => setOpen('curl') },
    {
      keys: '/',
      says: 'search on this page',
      run: () => document.querySelector<HTMLInputElement>('main input[type=search]')?.focus(),
    },
    { keys: 'u', says: 'undo what was done last', run: () => lastUndo()?.() },
    ...places.map(({ path, says: to, key }) => ({ keys: `g ${key}`, says: `go to ${to}`, run: () => navigate(path) })),
  ]);
  const state = liveState.value;
  return html`<header class="top">
    <button type="button" class="plain menu-button" aria-label="Menu" aria-expanded=${menuIsOpen.value} aria-controls="menu" onClick=${() => (menuIsOpen.value = !menuIsOpen.value)}>☰</button>
    <button type="button" class=${`moment ${at.value === null ? '' : 'past'}`} onClick=${() => setOpen('time')}><span aria-hidden="true">◷</span> ${at.value === null ? 'Now' : momentWords(at.value)}</button>
    ${at.value !== null && html`<button type="button" class="primary" onClick=${() => setQuery({ at: null }, { replace: false })}>Back to now</button>`}
    <span class="grow"></span>
    <span class=${`live ${state}`} role="status">${at.value === null ? says[state] : 'Past'}</span>
    <button type="button" class="plain" aria-label="This page as commands" title="This page as commands" onClick=${() => setOpen('curl')}>${'</>'}</button>
    <button type="button" class="plain" aria-label=${`Theme: ${theme.value}`} title=${`Theme: ${theme.value}`} onClick=${nextTheme}>${{ system: '◐', light: '☀', dark: '☾' }[theme.value]}</button>
    <button type="button" class="plain" aria-label="Help" title=${keysAreOn.value ? 'Help (?)' : 'Help'} onClick=${() => setOpen('help')}>?</button>
    <details class="who"><summary>${me.value?.token.name ?? ''}</summary><div class="card">
      <p><strong>${me.value?.token.name}</strong><br /><span class="muted">${me.value?.token.role} of ${me.value?.token.team}</span></p>
      <p class="muted">May ${me.value?.can.join(', ') || 'do nothing'}.</p>
      <button type="button" onClick=${signOut}>Sign out</button></div></details>
  </header>
  ${open === 'help' && html`<${HelpDialog} close=${close} />`}
  ${open === 'curl' && html`<${CurlDialog} close=${close} />`}
  ${open === 'time' && html`<${TimeMachine} close=${close} />`}`;
}

/** A moment of the address as people read it. */
export function momentWords(moment: string): string {
  if (/^\d{1,15}$/.test(moment)) return `event ${moment}`;
  const time = Date.parse(moment);
  return Number.isNaN(time)
    ? moment
    : new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(time);
}
