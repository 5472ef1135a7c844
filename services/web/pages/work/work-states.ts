import type { Work } from '../../state/agent-documents.ts';
import { statusWords } from '../../ui/badges.ts';
import { type Drawn, html } from '../../ui/html.ts';

/** The way of a round; what came to nothing goes back to `working`. */
const way = ['targeted', 'claimed', 'working', 'ran', 'proposed', 'verified', 'in_review', 'ended'] as const;
const beside: Readonly<Record<string, string>> = { refused: 'proposed', settled: 'in_review' };

/** The steps of a round, and where it is now. */
export function WorkStates({ work: { state, round } }: { work: Work }): Drawn {
  const here = way.indexOf((beside[state] ?? state) as (typeof way)[number]);
  return html`<ol class="steps panel" aria-label=${`Steps of round ${round || 1}`}>${way.map(
    (step, index) =>
      html`<li class=${index === here ? 'here' : index < here ? 'behind' : ''} aria-current=${index === here ? 'step' : undefined}>${index === here ? statusWords(state) : statusWords(step)}</li>`,
  )}</ol>`;
}
