import { jobFilters } from '../../rules/page-table.ts';
import { usePages } from '../../state/ask-query.ts';
import type { Job } from '../../state/documents.ts';
import { query, setQuery } from '../../state/place.ts';
import { Choice, More, PageHead, TextFilter, TimeFilter } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { ProjectChoice } from '../projects/project-choice.ts';
import { JobTable } from './job-rows.ts';

const reasons: readonly (readonly [reason: string, says: string])[] = [
  ['exited', 'its command ended'],
  ['timeout', 'out of time'],
  ['cancelled', 'cancelled'],
  ['limit_exceeded', 'used up more than it may'],
  ['log_limit', 'printed too much'],
  ['workspace_failed', 'no work tree'],
  ['remote_unavailable', 'repository away'],
  ['runner_lost', 'runner lost, tried again'],
  ['orphaned', 'runner died'],
  ['sandbox_missing', 'no such sandbox'],
];

/** The path of the list: what the address says, as far as the API takes it. */
function listPath(): string {
  const words = new URLSearchParams({ limit: '50' });
  for (const name of jobFilters) {
    const value = query.value.get(name);
    if (value) words.set(name, name === 'since' || name === 'until' ? momentOf(value) : value);
  }
  return `/jobs?${words}`;
}

/** A local date and time of a field as the API takes it; what is none goes as it is, and is refused there with a word. */
const momentOf = (value: string): string => (Number.isNaN(Date.parse(value)) ? value : new Date(value).toISOString());

export function Page(): Drawn {
  const answer = usePages<Job>(listPath(), 'jobs', ['job']);
  const isFiltered = jobFilters.some((name) => query.value.has(name));
  return html`<${PageHead} title="Jobs" lead="Everything that ran, runs or waits, the newest first." />
    <div class="filters" role="search">
      <${ProjectChoice} />
      <${Choice} name="recipe" label="Recipe" options=${['build', 'test', 'lint', 'audit']} />
      <${Choice} name="status" label="State" options=${['queued', 'running', 'parsing', 'succeeded', 'failed', 'cancelled']} />
      <${Choice} name="reason" label="Ended because" options=${reasons} />
      <${TextFilter} name="branch" label="Branch" />
      <${TimeFilter} name="since" label="Asked for from" /><${TimeFilter} name="until" label="Until" />
      ${isFiltered && html`<button type="button" onClick=${() => setQuery(Object.fromEntries(jobFilters.map((name) => [name, null])), { replace: false })}>All jobs</button>`}
    </div>
    <section class="panel" aria-label="List of jobs"><${Answered} answer=${answer} lines=${12}>${(
      jobs: readonly Job[],
    ) =>
      jobs.length === 0
        ? isFiltered
          ? html`<${EmptyState} title="No job is like that">Take a filter away, or choose another moment.<//>`
          : html`<${EmptyState} title="Nothing has run yet">Open a project and press one of its recipes, or: <pre>crafting-table run PROJECT test --follow</pre><//>`
        : html`<${JobTable} jobs=${jobs} /><${More} more=${answer.more} />`}<//></section>`;
}
