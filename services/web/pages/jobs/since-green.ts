import { durationWords } from '../../rules/time-words.ts';
import { useAnswer } from '../../state/ask-query.ts';
import type { Finding } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { When } from '../../ui/time-element.ts';
import { FindingRows } from '../findings/finding-rows.ts';

type Side = {
  readonly job_id: string;
  readonly sha: string | null;
  readonly finished_at: string | null;
  readonly duration_ms: number | null;
  readonly findings: number;
};
type Compared = {
  readonly before: Side;
  readonly appeared: readonly Finding[];
  readonly appeared_count: number;
  readonly gone_count: number;
  readonly differs: readonly { readonly what: string; readonly before: string | null; readonly now: string | null }[];
};

/** What differs from the last run of the recipe that passed. */
export function SinceGreen({ path }: { path: string }): Drawn {
  const answer = useAnswer<Compared>(`${path}/compare`);
  if (answer.problem?.status === 404)
    return html`<${EmptyState} title="There is no earlier run that passed">${answer.problem.detail}<//>`;
  return html`<${Answered} answer=${answer}>${(one: Compared) => html`
    <p class="pad">Held against <a href=${href(`/jobs/${one.before.job_id}`)}>the last run that passed</a>, <${When} at=${one.before.finished_at} />, ${durationWords(one.before.duration_ms)}: ${one.appeared_count} appeared, ${one.gone_count} went.</p>
    ${one.differs.length > 0 && html`<div class="scroll-x" tabindex="0" role="region" aria-label="Circumstances"><table><thead><tr><th>What differs</th><th>Then</th><th>Now</th></tr></thead><tbody>${one.differs.map(({ what, before, now }) => html`<tr><td>${what}</td><td class="mono small">${before ?? '–'}</td><td class="mono small">${now ?? '–'}</td></tr>`)}</tbody></table></div>`}
    <${FindingRows} findings=${one.appeared} none="Nothing was found that was not there then" />`}<//>`;
}
