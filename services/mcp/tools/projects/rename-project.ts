import { Type } from '@sinclair/typebox';
import { ProjectName } from '../../answers/tool-fields.ts';
import { changes, defineTool } from '../../define.ts';

export const renameProject = defineTool({
  name: 'crafting_table_rename_project',
  toolset: 'manage',
  title: 'Rename a project',
  description: 'All that is of it stays its own; earlier names still lead to it.',
  input: Type.Object({ project: ProjectName, to: ProjectName }, { additionalProperties: false }),
  output: Type.Object({ name: Type.String(), earlier_names: Type.Array(Type.String()) }),
  annotations: changes,
  async run({ project, to }, client) {
    const path = `/projects/${encodeURIComponent(project)}/rename`;
    const { name, earlier_names } = await client.post<{ name: string; earlier_names: string[] }>(path, { to });
    return { prose: `${project} is called ${name} now; ${project} still leads to it.`, data: { name, earlier_names } };
  },
});
