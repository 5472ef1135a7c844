import { useEffect, useRef } from 'preact/hooks';
import { href, query, setQuery } from '../state/place.ts';
import { type Children, type Drawn, html } from './html.ts';

/** The head of a page: what it is, and what can be done here. */
export function PageHead({ title, lead, children }: { title: Drawn; lead?: Drawn } & Children): Drawn {
  return html`<header class="page-head"><div class="grow"><h1>${title}</h1>${lead && html`<p class="lead">${lead}</p>`}</div>${children && html`<div class="row wrap">${children}</div>`}</header>`;
}

export function Section({
  title,
  aside,
  children,
  id,
}: { title: Drawn; aside?: Drawn; id?: string } & Children): Drawn {
  return html`<section class="panel" id=${id}><header class="panel-head"><h2>${title}</h2>${aside && html`<div class="row wrap muted">${aside}</div>`}</header>${children}</section>`;
}

/** A choice that stands in the address, so that a link holds it. */
export function Choice({
  name,
  label,
  options,
  any = 'any',
}: {
  name: string;
  label: string;
  options: readonly (string | readonly [string, string])[];
  any?: string | null;
}): Drawn {
  const value = query.value.get(name) ?? '';
  const isStrange = value !== '' && !options.some((one) => (typeof one === 'string' ? one : one[0]) === value);
  return html`<label class="field inline"><span>${label}</span><select value=${value} onChange=${(event: Event) => setQuery({ [name]: (event.target as HTMLSelectElement).value }, { replace: false })}>
    ${any !== null && html`<option value="" selected=${value === ''}>${any}</option>`}
    ${isStrange && html`<option value=${value} selected>${value}</option>`}
    ${options.map((one) => {
      const [word, words] = typeof one === 'string' ? [one, one] : one;
      return html`<option value=${word} selected=${value === word}>${words}</option>`;
    })}
  </select></label>`;
}

/** A text that stands in the address; it is taken when one stops typing. What is typed in one go is one step of the history. */
export function TextFilter({
  name,
  label,
  placeholder = '',
  id,
}: {
  name: string;
  label: string;
  placeholder?: string;
  id?: string;
}): Drawn {
  const stands = query.value.get(name) ?? '';
  const own = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const isBegun = useRef(false);
  useEffect(() => () => clearTimeout(timer.current), []);
  // Back and forward show what stood there; what is being typed is left alone.
  useEffect(() => {
    if (own.current && timer.current === undefined) own.current.value = stands;
  }, [stands]);
  const take = (event: Event) => {
    clearTimeout(timer.current);
    const { value } = event.target as HTMLInputElement;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      if (value !== (query.peek().get(name) ?? '')) setQuery({ [name]: value }, { replace: isBegun.current });
      isBegun.current = true;
    }, 250);
  };
  const leave = () => {
    isBegun.current = false;
  };
  return html`<label class="field inline"><span>${label}</span><input type="search" ref=${own} id=${id} placeholder=${placeholder} defaultValue=${stands} onInput=${take} onBlur=${leave} /></label>`;
}

/** A date and a time in the reader's zone, in the address. */
export function TimeFilter({ name, label }: { name: string; label: string }): Drawn {
  return html`<label class="field inline"><span>${label}</span><input type="datetime-local" value=${query.value.get(name) ?? ''} onChange=${(event: Event) => setQuery({ [name]: (event.target as HTMLInputElement).value }, { replace: false })} /></label>`;
}

/** Parts of one page, each with an address of its own. */
export function Tabs({
  tabs,
  name = 'tab',
}: {
  tabs: readonly (readonly [word: string, says: string, count?: number | null])[];
  name?: string;
}): Drawn {
  const current = query.value.get(name) ?? tabs[0]?.[0];
  const isStrange = !tabs.some(([word]) => word === current);
  return html`<nav class="tabs" aria-label="Parts of this page">${tabs.map(([word, says, count]) => {
    const next = new URLSearchParams(query.value);
    if (word === tabs[0]?.[0]) next.delete(name);
    else next.set(name, word);
    return html`<a href=${`?${next}`} aria-current=${word === current ? 'page' : undefined}>${says}${count !== undefined && count !== null && html` <span class="count">${count}</span>`}</a>`;
  })}</nav>${isStrange && html`<p class="notice warn" role="status">This page has no part <code>${current}</code>: choose one of those above.</p>`}`;
}

export function More({ more }: { more: (() => void) | null }): Drawn {
  return more && html`<p class="more"><button type="button" onClick=${more}>Show more</button></p>`;
}

/** Facts as pairs. */
export function Facts({ facts }: { facts: readonly (readonly [string, Drawn] | false | null)[] }): Drawn {
  return html`<dl class="facts">${facts.map((one) => one && html`<div><dt>${one[0]}</dt><dd>${one[1] ?? html`<span class="faint">–</span>`}</dd></div>`)}</dl>`;
}

export const link = (to: string, words: Drawn): Drawn => html`<a href=${href(to)}>${words}</a>`;
