import type { Bottle } from '../../state/agent-documents.ts';
import { href } from '../../state/place.ts';
import { type Drawn, html } from '../../ui/html.ts';

/** What a bottle works for: an issue, an attempt at a finding, or somebody who asked. */
export function WorkedFor({ bottle: { work, project, requested_by } }: { bottle: Bottle }): Drawn {
  if (work.issue !== undefined)
    return html`<a href=${href(`/work/${encodeURIComponent(`${project}-${work.issue}`)}`)}>issue ${work.issue}</a>`;
  if (work.patch_id !== undefined)
    return html`<a href=${href(`/patches/${encodeURIComponent(work.patch_id)}`)}>attempt ${work.patch_id}</a>`;
  return html`<span>${requested_by}</span>`;
}

export const isAtWork = ({ status }: Bottle): boolean => status === 'requested' || status === 'running';
