import { useEffect, useState } from 'preact/hooks';
import { countWords } from '../../rules/time-words.ts';
import { useAnswer, usePages } from '../../state/ask-query.ts';
import { useOffered } from '../../state/calls.ts';
import type { Finding } from '../../state/documents.ts';
import { useKeys } from '../../state/keys.ts';
import { at, href, navigate, query } from '../../state/place.ts';
import { may, whyNot } from '../../state/session.ts';
import { SeverityBadge, StatusBadge } from '../../ui/badges.ts';
import { Choice, More, PageHead, TextFilter } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { Ago } from '../../ui/time-element.ts';
import { say, trying } from '../../ui/toasts.ts';
import { Facets } from './finding-facets.ts';
import { facetNames, filterBody, filters, isFiltered } from './finding-filters.ts';
import { placeWords } from './finding-rows.ts';
import { SourceAround } from './source-around.ts';
import { SuppressDialog } from './suppress-dialog.ts';
import { draftPatch, howMany, type Meant, type Patching, suppress, unsuppress, whyNoPatch } from './triage.ts';

/** Findings to be gone through by keyboard: a list, what is behind one of them, and what they can be narrowed to. */
export function Page(): Drawn {
  const words = filters();
  words.set('limit', '100');
  words.set('facets', facetNames.join());
  const answer = usePages<Finding>(`/findings?${words}`, 'findings', ['finding']);
  const rows = answer.data ?? [];
  const [current, setCurrent] = useState(0);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [isSilencing, setSilencing] = useState(false);
  const [all, setAll] = useState<number | null>(null);
  const total = typeof answer.head?.total === 'number' ? answer.head.total : rows.length;
  const index = Math.min(current, Math.max(0, rows.length - 1));
  const here = rows[index] ?? null;
  const meant = chosen.size > 0 ? rows.filter(({ id }) => chosen.has(id)) : here ? [here] : [];
  const asked: Meant = all === null ? { ids: meant.map(({ id }) => id) } : { filter: filterBody() };
  const listKey = words.toString();
  useEffect(() => {
    setCurrent(0);
    setChosen(new Set());
    setAll(null);
  }, [listKey]);
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index + by));
    setCurrent(next);
    document.getElementById(`finding-${rows[next]?.id}`)?.scrollIntoView({ block: 'nearest' });
    if (next > rows.length - 5) answer.more?.();
  };
  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  const chooseShown = () => {
    setAll(null);
    setChosen(chosen.size > 0 ? new Set() : new Set(rows.map(({ id }) => id)));
  };
  const chooseAll = () =>
    void trying(async () => {
      setAll(await howMany(filterBody()));
    });
  const done = () => {
    setChosen(new Set());
    setAll(null);
    answer.reload();
  };
  const mayWrite = may('write') && at.value === null;
  const silence = () => {
    if (!mayWrite)
      say('You may not change findings here', {
        bad: true,
        detail: whyNot('write') ?? '',
      });
    else if (meant.every(({ state }) => state === 'suppressed') && meant.length > 0) void unsuppress(asked, done);
    else if (meant.length > 0) setSilencing(true);
  };
  const known = useAnswer<{ patching: Patching | null }>(here ? `/findings/${here.id}` : null, ['patch', 'project']);
  const hindrance = whyNoPatch(known.data?.patching);
  const draft = () => {
    if (!here || !mayWrite) return;
    if (hindrance !== null) say('No patch can be drafted', { detail: hindrance });
    else void draftPatch(here, (id) => navigate(`/patches/${encodeURIComponent(id)}`));
  };
  useKeys('Findings', [
    { keys: 'j', says: 'next finding', run: () => move(1) },
    { keys: 'k', says: 'finding before', run: () => move(-1) },
    { keys: 'x', says: 'choose it, or not', run: () => here && toggle(here.id) },
    {
      keys: 'X',
      says: 'choose all that are shown, or none',
      run: chooseShown,
    },
    { keys: 's', says: 'suppress with a reason; lift where suppressed', run: silence },
    { keys: 'd', says: 'draft a patch', run: draft },
    { keys: 'o', says: 'open it', run: () => here && navigate(`/findings/${here.id}`) },
    { keys: 'Enter', says: 'open it', run: () => here && navigate(`/findings/${here.id}`) },
    { keys: 'Escape', says: 'choose none', run: () => setChosen(new Set()) },
  ]);
  useOffered([
    { says: 'Suppress', method: 'POST', path: '/findings/bulk', body: { action: 'suppress', ...asked, reason: '…' } },
    { says: 'Lift the suppression', method: 'POST', path: '/findings/bulk', body: { action: 'unsuppress', ...asked } },
    {
      says: 'Draft a patch',
      method: 'POST',
      path: `/jobs/${here?.last_seen_job ?? 'ID'}/patches`,
      body: { finding_id: here?.id ?? 0 },
    },
  ]);

  return html`<${PageHead} title="Findings" lead=${html`<span class="lead-keys">Keys: <kbd>j</kbd><kbd>k</kbd> move, <kbd>x</kbd> choose, <kbd>s</kbd> suppress, <kbd>d</kbd> draft a patch, <kbd>?</kbd> all.</span>`} />
    <div class="filters" role="search">
      <${TextFilter} name="q" label="Text" placeholder="Message, rule, file" />
      <${Choice} name="state" label="State" any="open" options=${['resolved', 'suppressed', ['not_observed', 'not seen lately'], ['unwatched', 'no longer looked at'], 'all']} />
      <${Choice} name="severity" label="Severity" options=${['critical', 'high', 'medium', 'low', 'error', 'warn', 'info']} />
      <${Choice} name="kind" label="Kind" options=${['lint', 'cve', ['test_fail', 'failing test'], ['recipe_fail', 'failing recipe']]} />
      <${Choice} name="sort" label="Order" any="worst first" options=${['newest', 'oldest', ['last_seen', 'last seen'], 'file']} />
    </div>
    <div class="triage">
      <${Facets} facets=${answer.head?.facets ?? {}} />
      <section class="panel" aria-label="Findings">
        <header class="panel-head selection"><div class="row wrap">
          <input type="checkbox" aria-label="Choose all that are shown" checked=${rows.length > 0 && chosen.size === rows.length} onChange=${chooseShown} />
          <span role="status">${all !== null ? `All ${countWords(all, 'finding')} that match are chosen` : chosen.size > 0 ? `${countWords(chosen.size, 'finding')} chosen` : countWords(total, 'finding')}</span>
          ${chosen.size > 0 && all === null && total > rows.length && html`<button type="button" class="small" onClick=${chooseAll}>Choose all ${total.toLocaleString('en')} that match</button>`}
          ${all !== null && html`<button type="button" class="small" onClick=${() => setAll(null)}>Only what is shown</button>`}</div>
          ${mayWrite && html`<div class="row wrap"><button type="button" disabled=${meant.length === 0} onClick=${silence}>${meant.length > 0 && meant.every(({ state }) => state === 'suppressed') ? 'Lift suppression' : (all ?? chosen.size) > 1 ? `Suppress ${all ?? chosen.size}` : 'Suppress'}</button><button type="button" disabled=${!here} title=${hindrance ?? undefined} onClick=${draft}>${hindrance === null ? 'Draft a patch' : 'Why no patch'}</button></div>`}
        </header>
        <${Answered} answer=${answer} lines=${14}>${(list: readonly Finding[]) =>
          list.length === 0
            ? html`<${EmptyState} title=${isFiltered() ? 'No finding is like that' : 'All quiet'}>${isFiltered() ? html`Take a filter away. <a href=${href('/findings')}>Show all that are open</a>` : 'What the tools of your recipes print becomes findings here. None is open.'}<//>`
            : html`<ul class="list triage-list">${list.map((one, row) => html`<${TriageRow} key=${one.id} one=${one} isHere=${row === index} isChosen=${chosen.has(one.id)} choose=${() => toggle(one.id)} take=${() => setCurrent(row)} />`)}</ul><${More} more=${answer.more} />`}<//>
      </section>
      <aside class="panel preview" aria-label="The finding that is marked">${here && html`<${Preview} finding=${here} hindrance=${mayWrite ? hindrance : null} />`}</aside>
    </div>
    ${isSilencing && html`<${SuppressDialog} count=${all ?? meant.length} close=${() => setSilencing(false)} run=${(how: { reason: string; until: string | null }) => void suppress(asked, how, done)} />`}`;
}

function TriageRow({
  one,
  isHere,
  isChosen,
  choose,
  take,
}: {
  one: Finding;
  isHere: boolean;
  isChosen: boolean;
  choose: () => void;
  take: () => void;
}): Drawn {
  return html`<li id=${`finding-${one.id}`} class=${`linked ${isHere ? 'chosen-row' : ''}`} aria-current=${isHere ? 'true' : undefined} onClick=${take}>
    <input type="checkbox" checked=${isChosen} aria-label=${`Choose finding ${one.id}`} onChange=${choose} />
    <${SeverityBadge} of=${one.severity} />
    <a class="grow" href=${href(`/findings/${one.id}`)}><span class="clamp">${one.message}</span><span class="small muted mono">${query.value.has('project') ? '' : `${one.project} · `}${placeWords(one)}</span></a>
    <span class="small muted">${one.tool}${one.code && one.code.length < 32 && html` <span class="mono">${one.code}</span>`} · <${Ago} at=${one.first_seen_at} /></span>
    ${one.state !== 'open' ? html`<${StatusBadge} of=${one.state} />` : one.is_new && html`<span class="badge warn">new</span>`}
  </li>`;
}

function Preview({ finding, hindrance }: { finding: Finding; hindrance: string | null }): Drawn {
  return html`<div class="pad"><p class="row wrap"><${SeverityBadge} of=${finding.severity} /><${StatusBadge} of=${finding.state} /></p>
    <p class="preview-message">${finding.message}</p><p class="small muted mono">${placeWords(finding)}</p>
    ${finding.suppression && html`<p class="small muted">Suppressed by ${finding.suppression.by}: ${finding.suppression.reason}</p>`}
    ${hindrance !== null && html`<p class="small muted">No patch: ${hindrance}</p>`}</div>
    <${SourceAround} finding=${finding} around=${6} />`;
}
