import { useAnswer } from '../../state/ask-query.ts';
import { Choice } from '../../ui/controls.ts';
import { type Drawn, html } from '../../ui/html.ts';

/** One of the reader's projects, in the address. */
export function ProjectChoice(): Drawn {
  const { data } = useAnswer<{ projects: readonly { name: string }[] }>('/projects?limit=500');
  return html`<${Choice} name="project" label="Project" options=${(data?.projects ?? []).map(({ name }) => name)} />`;
}
