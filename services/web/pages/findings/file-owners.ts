import { useAnswer } from '../../state/ask-query.ts';
import type { Finding } from '../../state/documents.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Ago } from '../../ui/time-element.ts';

type Owners = {
  readonly codeowners: {
    readonly file: string;
    readonly line: number | null;
    readonly owners: readonly string[];
  } | null;
  readonly authors:
    | readonly {
        readonly name: string;
        readonly mail: string;
        readonly lines: number;
        readonly wrote_line: boolean;
        readonly last: string;
      }[]
    | null;
};

/** Whose the place of a finding is: by CODEOWNERS with the line that says so, and who wrote the lines around it. */
export function FileOwners({ finding: { id, file } }: { finding: Finding }): Drawn {
  const { data, problem } = useAnswer<Owners>(file === null ? null : `/findings/${id}/owners`);
  if (file === null || problem) return html`<span class="faint">–</span>`;
  if (!data) return html`<span class="faint">…</span>`;
  const { codeowners, authors } = data;
  return html`${codeowners === null ? html`<span class="muted">no CODEOWNERS</span>` : codeowners.owners.length === 0 ? html`<span class="muted">nobody, by ${codeowners.file}</span>` : html`${codeowners.owners.join(', ')} <span class="small muted">by ${codeowners.file}${codeowners.line !== null && `:${codeowners.line}`}</span>`}
    ${authors?.map((one) => html`<div title=${one.mail}>${one.name} <span class="small muted">wrote ${one.wrote_line ? 'the line' : 'lines around it'}, <${Ago} at=${one.last} /></span></div>`)}`;
}
