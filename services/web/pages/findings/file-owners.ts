import { useAnswer } from '../../state/ask-query.ts';
import type { Finding } from '../../state/documents.ts';
import { type Drawn, html } from '../../ui/html.ts';

type Owners = {
  readonly file: string | null;
  readonly owners: readonly { readonly owners: readonly string[]; readonly line: number | null }[];
};

/** Whose the file of a finding is, by CODEOWNERS at the commit that was judged last, and which line says so. */
export function FileOwners({ finding: { project, file } }: { finding: Finding }): Drawn {
  const path = `/projects/${encodeURIComponent(project)}/owners`;
  const { data, problem } = useAnswer<Owners>(file === null ? null : `${path}?path=${encodeURIComponent(file)}`);
  if (file === null || problem) return html`<span class="faint">–</span>`;
  if (!data) return html`<span class="faint">…</span>`;
  if (data.file === null) return html`<span class="muted">no CODEOWNERS</span>`;
  const [own] = data.owners;
  if (!own || own.owners.length === 0) return html`<span class="muted">nobody, by ${data.file}</span>`;
  return html`${own.owners.join(', ')}${own.line !== null && html` <span class="small muted">by ${data.file}:${own.line}</span>`}`;
}
