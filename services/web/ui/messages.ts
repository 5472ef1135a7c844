import { adviceOf, type Problem } from '../state/api-call.ts';
import { type Children, type Drawn, html } from './html.ts';

/** What happened, and what to try. */
export function ProblemBox({ problem, again }: { problem: Problem; again?: () => void }): Drawn {
  return html`<div class="problem" role="alert">
    <strong>${problem.title}</strong>
    <p>${problem.detail}</p>
    ${problem.faults.length > 0 && html`<ul>${problem.faults.map(({ path, message }) => html`<li><code>${path}</code> ${message}</li>`)}</ul>`}
    <p class="muted">${adviceOf(problem)}${problem.requestId && html` <span class="faint">Request ${problem.requestId}.</span>`}</p>
    ${again && html`<button type="button" onClick=${again}>Try again</button>`}
  </div>`;
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
