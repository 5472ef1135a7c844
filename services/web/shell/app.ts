import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { forgetAnswers } from '../state/ask-query.ts';
import { at, found, href, navigate, place } from '../state/place.ts';
import { loadMe, me, meProblem } from '../state/session.ts';
import { type Drawn, html } from '../ui/html.ts';
import { EmptyState, ProblemBox, Skeleton } from '../ui/messages.ts';
import { Toasts } from '../ui/toasts.ts';
import { loadPage, type PageParts } from './load-page.ts';
import { Navigation } from './navigation.ts';
import { Notices } from './page-notices.ts';
import { TopBar } from './top-bar.ts';

/** Everything: who reads, then the page of the address. */
export function App(): Drawn {
  const reader = me.value;
  const here = found.value;
  const isSignIn = here?.page.path === '/sign-in';
  useEffect(() => {
    if (reader === null && !isSignIn) {
      forgetAnswers();
      const { pathname, search, hash } = place.value;
      const next =
        pathname === '/' && search === '' ? '' : `?next=${encodeURIComponent(`/ui${pathname}${search}${hash}`)}`;
      navigate(`/sign-in${next}`, { replace: true, keepAt: false });
    }
  }, [reader, isSignIn]);
  if (isSignIn) return html`<main id="main" class="bare"><${PageOf} /></main><${Toasts} />`;
  if (!reader)
    return html`<main id="main" class="bare">${
      meProblem.value ? html`<${ProblemBox} problem=${meProblem.value} again=${loadMe} />` : html`<${Skeleton} />`
    }</main>`;
  return html`<a class="skip" href="#main">Skip to the content</a>
    <div class=${`frame ${at.value === null ? '' : 'past'}`}>
      <${Navigation} />
      <div class="column"><${TopBar} /><${Notices} /><main id="main" tabindex="-1"><${PageOf} /></main></div>
    </div><${Toasts} />`;
}

function PageOf(): Drawn {
  const here = found.value;
  const [page, setPage] = useState<PageParts | null>(null);
  const module = here?.page.module ?? null;
  useEffect(() => {
    document.title = `${here?.page.title ?? 'Not found'} · crafting-table`;
    if (module === null) return;
    let left = false;
    void loadPage(module).then((loaded) => !left && setPage(loaded));
    return () => {
      left = true;
    };
  }, [module]);
  if (!here)
    return html`<h1 class="unseen">Not found</h1><${EmptyState} title="There is no page at this address"><a href=${href('/')}>Go to the overview</a><//>`;
  if (!page || page.module !== module) return html`<${Skeleton} />`;
  if (page.failed)
    return html`<${EmptyState} title="The page could not be loaded">The network may be away. <button type="button" onClick=${() => location.reload()}>Load again</button><//>`;
  return html`<${Guarded} key=${place.value.pathname}><${page.component} params=${here.params} /><//>`;
}

/** A page that cannot draw what it was given says so, and leaves the rest alone. */
function Guarded({ children }: { children?: ComponentChildren }): Drawn {
  const [error, reset] = useErrorBoundary();
  const { search } = place.value;
  useEffect(() => {
    if (error !== undefined) reset();
  }, [search]);
  if (error === undefined) return html`<div>${children}</div>`;
  return html`<h1 class="unseen">Fault</h1><${EmptyState} title="This page cannot show what the farm answered">
    That is a fault of the page: tell whoever runs the farm “${String(error).slice(0, 200)}”. <button type="button" onClick=${() => location.reload()}>Load again</button><//>`;
}
