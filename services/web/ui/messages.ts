import { adviceOf, type Problem } from '../state/api-call.ts';
import { query, setQuery } from '../state/place.ts';
import { type Children, type Drawn, html } from './html.ts';

/** What happened, and what to try. */
export function ProblemBox({ problem, again }: { problem: Problem; again?: () => void }): Drawn {
  const { title, detail, faults, requestId } = problem;
  const filters = faults.flatMap(({ path, message }) => {
    const name = path.replace(/^\/querystring\//, '');
    return query.value.has(name) ? [{ name, message }] : [];
  });
  if (filters.length > 0) return html`<${WrongFilters} filters=${filters} />`;
  return html`<div class="problem" role="alert">
    <strong>${title}</strong>
    ${faults.length === 0 ? html`<p>${detail}</p>` : html`<ul>${faults.map(({ path, message }) => html`<li><code>${path}</code> ${message}</li>`)}</ul>`}
    <p class="muted">${adviceOf(problem)}${requestId && html` <span class="faint">Request ${requestId}.</span>`}</p>
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;
}

/** Filters of the address that the farm does not know: which, what it takes instead, and the list without them. */
function WrongFilters({ filters }: { filters: readonly { name: string; message: string }[] }): Drawn {
  const without = () => setQuery(Object.fromEntries(filters.map(({ name }) => [name, null])), { replace: false });
  return html`<div class="problem" role="alert"><strong>The list cannot be narrowed down like that</strong>
    <ul>${filters.map(({ name, message }) => html`<li><code>${name}</code> ${message}</li>`)}</ul>
    <button type="button" onClick=${without}>Take ${filters.length === 1 ? 'it' : 'them'} away</button></div>`;
}

/** Nothing is here: why, and what to do next. */
export function EmptyState({ title, children }: { title: string } & Children): Drawn {
  return html`<div class="empty"><p class="empty-title">${title}</p>${children && html`<div class="muted">${children}</div>`}</div>`;
}

/** Lines that stand where a list will be: nothing jumps when it comes. */
export function Skeleton({ lines = 6 }: { lines?: number }): Drawn {
  return html`<div class="skeleton" role="status"><span class="unseen">Loading</span>${Array.from({ length: lines }, () => html`<div></div>`)}</div>`;
}

/** An answer that is loading, has failed, or is there. */
export function Answered<T>({
  answer,
  lines,
  children,
}: {
  answer: { data: T | null; problem: Problem | null; loading: boolean; reload: () => void };
  lines?: number;
  children: (data: T) => Drawn;
}): Drawn {
  if (answer.data !== null)
    return html`${answer.problem && html`<${ProblemBox} problem=${answer.problem} again=${answer.reload} />`}${children(answer.data)}`;
  if (answer.problem) return html`<${ProblemBox} problem=${answer.problem} again=${answer.reload} />`;
  return html`<${Skeleton} lines=${lines} />`;
}
