import type { Finding } from '../../state/documents.ts';
import { href } from '../../state/place.ts';
import { SeverityBadge, StatusBadge } from '../../ui/badges.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { EmptyState } from '../../ui/messages.ts';

/** Where it is: `src/a.ts:12`. */
export const placeWords = ({
  file,
  line,
  package: name,
  subproject,
}: Pick<Finding, 'file' | 'line' | 'package' | 'subproject'>): string =>
  file ? `${file}${line === null ? '' : `:${line}`}` : (name ?? subproject);

/** Findings one below the other, as a job or project shows them. */
export function FindingRows({ findings, none }: { findings: readonly Finding[]; none: string }): Drawn {
  if (findings.length === 0) return html`<${EmptyState} title=${none} />`;
  return html`<ul class="list">${findings.map(
    (one) => html`<li class="linked" key=${one.id}>
    <${SeverityBadge} of=${one.severity} />
    <a class="grow" href=${href(`/findings/${one.id}`)}><span class="clamp">${one.message}</span><span class="small muted mono">${placeWords(one)}</span></a>
    <span class="small muted">${one.tool}${one.code && one.code.length < 40 && html` <span class="mono">${one.code}</span>`}</span>
    ${one.state !== 'open' ? html`<${StatusBadge} of=${one.state} />` : one.is_new && html`<span class="badge warn">new</span>`}
  </li>`,
  )}</ul>`;
}
