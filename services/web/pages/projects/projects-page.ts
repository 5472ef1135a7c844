import { href } from '../../state/place.ts';
import { may } from '../../state/session.ts';
import { PageHead } from '../../ui/controls.ts';
import { HowToRegister } from '../../ui/how-to-register.ts';
import { type Drawn, html } from '../../ui/html.ts';
import { ProjectSummary } from './project-summary.ts';

/** All projects, one row each. */
export function Page(): Drawn {
  return html`<${PageHead} title="Projects" lead="One row each: how its recipes stand, what is open, and what ran last." >${may('write') && html`<a class="button" href=${`${href('/projects')}#add`}>How to add one</a>`}<//>
    <${ProjectSummary} />
    <section class="panel" id="add"><header class="panel-head"><h2>Add a project</h2></header><div class="pad"><${HowToRegister} /></div></section>`;
}
