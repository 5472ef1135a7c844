import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import type { View } from '../answers/ready-answer.ts';
import type { Caller } from '../authenticate.ts';

const mostProjects = 1_000;

/** The projects that a caller sees, by name. */
export function seenProjects(view: View, { owner, projects: among }: Caller): ProjectDoc[] {
  return view.models
    .query()
    .projects.page({ owner, among, after: '', limit: mostProjects })
    .filter(({ name }) => view.shows(name));
}
