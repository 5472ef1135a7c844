import { query } from '../../state/place.ts';
import { may, me } from '../../state/session.ts';
import { PageHead, Tabs } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { EmptyState } from '../../ui/messages.ts';
import { Audit } from './audit-list.ts';
import { Machines } from './machines.ts';
import { Tokens } from './token-list.ts';

/** Who may do what: tokens, subscribers, runners, and what was done. */
export function Page(): Drawn {
  const tab = query.value.get('tab') ?? 'tokens';
  if (!may('admin'))
    return html`<${EmptyState} title="This is for owners and admins">Your token may ${me.value?.can.join(', ')}. Ask the owner of your team.<//>`;
  const isAdmin = me.value?.token.is_admin ?? false;
  return html`<${PageHead} title="Admin" lead="Who may do what. A secret is shown once, when it is made." />
    <${Tabs} tabs=${[['tokens', 'Tokens'], ...(isAdmin ? [['subscribers', 'Subscribers'] as const, ['runners', 'Runners'] as const] : []), ['audit', 'What was done']]} />
    ${tab === 'tokens' && html`<${Tokens} />`}
    ${tab === 'subscribers' && html`<${Machines} kind="subscribers" key="subscribers" />`}
    ${tab === 'runners' && html`<${Machines} kind="runners" key="runners" />`}
    ${tab === 'audit' && html`<${Audit} />`}`;
}
