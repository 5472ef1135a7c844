import { query } from '../../state/place.ts';
import { PageHead, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Budgets } from './budget-list.ts';
import { UsageTable } from './usage-table.ts';

/** What agents took, as it was metered outside of them, and what they may take. */
export function Page(): Drawn {
  const tab = query.value.get('tab') ?? 'usage';
  return html`<${PageHead} title="Usage and budgets" lead="Tokens and money that agents took, metered outside of them, and what they may take." />
    <${Tabs} tabs=${[['usage', 'Usage'], ['budgets', 'Budgets']]} />
    ${tab === 'usage' ? html`<${UsageTable} />` : html`<${Budgets} />`}`;
}
