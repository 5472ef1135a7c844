import { base } from '../state/base.ts';
import { type Drawn, html } from './html.ts';

/** The commands that register a project, as the documentation has them. */
export function HowToRegister(): Drawn {
  return html`<p class="muted">With the command line of the farm, and a token that may write:</p>
    <pre tabindex="0">${`crafting-table login --server ${location.origin}${base}\ncrafting-table projects add --detect GIT_URL`}</pre>
    <p class="muted">The second finds its subprojects, proposes recipes, and registers it. In a clone, <code>crafting-table init</code> writes the same to <code>.crafting-table.json</code>, for you to change before <code>crafting-table projects add .crafting-table.json</code>.</p>`;
}
