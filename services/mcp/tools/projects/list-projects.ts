import { type Static, Type } from '@sinclair/typebox';
import { recipeNames } from '../../../../events/fields.ts';
import type { Project } from '../../../documents/project-schema.ts';
import { fittingPage, restOf } from '../../answers/fitting-page.ts';
import { NextCursor, page, queryOf, Rows } from '../../answers/tool-fields.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';

type ProjectDoc = Static<typeof Project>;
type ProjectPage = { projects: ProjectDoc[]; next_cursor: string | null };

const mostSubprojects = 12;

export const listProjects = defineTool({
  name: 'crafting_table_list_projects',
  toolset: 'projects',
  title: 'List projects',
  description: 'Projects that this token may see, with their subprojects and the recipes of each.',
  input: Type.Object(page, { additionalProperties: false }),
  output: Type.Object({ projects: Rows, next_cursor: NextCursor }),
  annotations: looks,
  async run({ limit = 25, cursor }, client) {
    const found = await fittingPage(
      async (most) => {
        const { projects, next_cursor } = await client.get<ProjectPage>(`/projects${queryOf({ limit: most, cursor })}`);
        return { items: projects, next_cursor };
      },
      limit,
      { rowOf: projectRow, lineOf: projectLine },
    );
    const prose =
      found.rows.length === 0
        ? 'This token sees no project. crafting_table_register_project registers one.'
        : `Projects: ${found.rows.length}.${restOf(found, limit)}\n${fenced(found.lines)}`;
    return { prose, data: { projects: found.rows, next_cursor: found.next_cursor } };
  },
});

/** What is worth knowing of a project: enough to run its recipes. */
export function projectRow(project: ProjectDoc): object {
  const subprojects = project.subprojects ?? [];
  return {
    name: project.name,
    git_url: shown(project.git_url, 300),
    default_branch: shown(project.default_branch ?? '', 100),
    enabled: project.enabled,
    subprojects: subprojects.slice(0, mostSubprojects).map((one) => ({
      path: shown(one.path, 120),
      language: one.language,
      recipes: recipeNames.filter((recipe) => one[recipe] !== undefined),
    })),
    ...(subprojects.length > mostSubprojects ? { subprojects_left_out: subprojects.length - mostSubprojects } : {}),
  };
}

function projectLine({ name, subprojects = [], ...project }: ProjectDoc): string {
  const parts = subprojects
    .slice(0, mostSubprojects)
    .map((one) => `${shown(one.path, 120)}: ${recipeNames.filter((recipe) => one[recipe] !== undefined).join(' ')}`);
  if (subprojects.length > mostSubprojects) parts.push(`and ${subprojects.length - mostSubprojects} more`);
  return `${name}  ${shown(project.git_url, 300)}  ${parts.join('; ') || 'no subprojects'}`;
}
