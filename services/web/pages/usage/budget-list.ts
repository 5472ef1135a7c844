import { amountWords, budgetWords } from '../../rules/spending-words.ts';
import type { Budget } from '../../state/agent-documents.ts';
import { useAnswer } from '../../state/ask-query.ts';
import { query } from '../../state/place.ts';
import { ActionButton } from '../../ui/action-button.ts';
import { Choice } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered, EmptyState } from '../../ui/messages.ts';
import { ShareBar } from '../../ui/share-bar.ts';
import { Ago } from '../../ui/time-element.ts';
import { BudgetForm } from './budget-form.ts';

/** What agents may take: every budget with what is used of it now. */
export function Budgets(): Drawn {
  const level = query.value.get('level');
  const answer = useAnswer<{ budgets: readonly Budget[] }>(
    `/budgets${level ? `?level=${encodeURIComponent(level)}` : ''}`,
    ['budget', 'spend'],
  );
  return html`<${BudgetForm} done=${answer.reload} />
    <div class="filters" role="search"><${Choice} name="level" label="Budgets of" any="all but single runs" options=${levels} /></div><section class="panel" aria-label="Budgets"><${Answered} answer=${answer}>${({
      budgets,
    }: {
      budgets: readonly Budget[];
    }) => {
      const shown = budgets.filter((one) => level !== null || one.level !== 'attempt');
      return shown.length === 0
        ? html`<${EmptyState} title="No budget is set">Agents may take as much as their manifests and the providers let them. A budget of a day or month is a wall for all together; one an attempt is a default for each run.<//>`
        : html`<table class="stack"><thead><tr><th>Budget</th><th class="number">Limit</th><th class="number">Used</th><th>Share</th><th>When it is used up</th><th>Set</th><th><span class="unseen">Buttons</span></th></tr></thead><tbody>${[...shown].sort(fullestFirst).map((one) => html`<${Row} key=${one.key} budget=${one} after=${answer.reload} />`)}</tbody></table>`;
    }}<//></section>`;
}

/** A run that is given a budget at its start has one of its own, so those of single runs are shown on request. */
const levels = [
  ['farm', 'the farm'],
  ['owner', 'teams'],
  ['project', 'projects'],
  ['agent', 'agents'],
  ['attempt', 'single runs'],
] as const;

const fullestFirst = (a: Budget, b: Budget): number => (b.share ?? -1) - (a.share ?? -1);
const policies: Readonly<Record<string, string>> = {
  cutoff: 'requests are refused',
  freeze: 'it is frozen',
  kill: 'it is stopped',
};

function Row({ budget, after }: { budget: Budget; after: () => void }): Drawn {
  const { level, of, unit, per, limit, used, share, policy, project } = budget;
  const own = level === 'agent' && project !== null ? of.slice(project.length + 1) : of;
  const body = {
    ...{
      level,
      per,
      ...(level === 'farm' ? {} : { of: own }),
      ...(project === null || level === 'project' ? {} : { project }),
    },
    [unit]: null,
  };
  return html`<tr><td class="main"><strong>${budgetWords(budget)}</strong>${budget.exhausted_at && html` <span class="badge bad">used up</span>`}${!budget.exhausted_at && budget.warned_at && html` <span class="badge warn">nearly used up</span>`}</td>
    <td class="number" data-label="limit">${amountWords(limit, unit)}</td><td class="number" data-label="used">${used === null ? html`<span class="muted">each for itself</span>` : amountWords(used, unit)}</td>
    <td>${share !== null && html`<${ShareBar} share=${share} of=${amountWords(limit, unit)} />`}</td>
    <td data-label="then">${policy === null ? 'as the agent says' : (policies[policy] ?? policy)}</td>
    <td class="small muted">by ${budget.by}, <${Ago} at=${budget.set_at} /></td>
    <td class="tight"><${ActionButton} label="Take away" method="PUT" path="/budgets" body=${body} scope="write" danger confirm=${`Nothing holds ${budgetWords(budget)} to ${amountWords(limit, unit)} any more.`} done="The budget is taken away" after=${after} /></td></tr>`;
}
