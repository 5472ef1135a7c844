import { useAnswer } from '../../state/ask-query.ts';
import type { Finding } from '../../state/documents.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Answered } from '../../ui/messages.ts';
import { CodeView } from '../../ui/views/code-view.ts';

type Source = { readonly sha: string; readonly path: string; readonly from: number; readonly lines: readonly string[] };

/** The lines around a finding, at the commit at which it was seen last. */
export function SourceAround({ finding, around = 12 }: { finding: Finding; around?: number }): Drawn {
  const { file, line } = finding;
  const asked = file !== null && line !== null;
  const answer = useAnswer<Source>(asked ? `/findings/${finding.id}/source?context=${around}` : null);
  if (!asked) return html`<p class="pad muted">It names no line of a file.</p>`;
  if (answer.problem) return html`<p class="pad muted">The source is not at hand: ${answer.problem.detail}</p>`;
  return html`<${Answered} answer=${answer} lines=${8}>${(source: Source) => html`<${CodeView} lines=${source.lines} first=${source.from} path=${source.path} marked=${[line, Math.max(line, finding.end_line ?? line)]} />`}<//>`;
}
