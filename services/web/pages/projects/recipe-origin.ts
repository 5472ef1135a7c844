import type { Project } from '../../state/documents.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { Ago } from '../../ui/time-element.ts';

/** Where the recipes of a project come from, and why a newer file is not taken. */
export function RecipeOrigin({ project: { recipes_from: from } }: { project: Project }): Drawn {
  if (!from) return null;
  const read = from.commit
    ? html`read at <code>${from.commit.slice(0, 12)}</code>`
    : 'not read yet: those of the document run';
  const refused = from.refused;
  const pins = from.pins.map(({ source, sha }) => html` <code>${source}</code> at <code>${sha.slice(0, 12)}</code>`);
  const where = from.file
    ? html`The recipes stand in <code>${from.file}</code> of the repository, ${read}.`
    : html`The recipes stand in recipe sets:${pins.length > 0 ? pins : ' not read yet'}.`;
  const unread =
    from.unread &&
    html`<div class="notice warn panel" role="status"><strong>The branch cannot be read (<${Ago} at=${from.unread.since} />):</strong> ${from.unread.detail}</div>`;
  return html`<p class="muted">${where}</p>${unread}
    ${
      refused &&
      html`<div class="notice warn panel" role="status"><strong>What stands at <code>${refused.sha?.slice(0, 12) ?? refused.source}</code> cannot be taken; the recipes stay as they were (<${Ago} at=${refused.at} />).</strong>
      <ul>${refused.faults.map(({ path, message }) => html`<li>${path && html`<code>${path}</code> `}${message}</li>`)}</ul></div>`
    }`;
}
