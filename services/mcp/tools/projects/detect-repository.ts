import { Type } from '@sinclair/typebox';
import { recipeNames } from '../../../../events/fields.ts';
import { askedLine } from '../../../../recipes/toolchains/asked-versions.ts';
import type { DetectedProject } from '../../../projects/rules/detected-document.ts';
import { cutToFit } from '../../answers/answer-size.ts';
import { Lines } from '../../answers/tool-fields.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';

export const detectTool = defineTool({
  name: 'crafting_table_detect_project',
  toolset: 'projects',
  title: 'Detect a project',
  description: 'Proposes the document for crafting_table_register_project. Registers and runs nothing.',
  input: Type.Object(
    {
      git_url: Type.String({ minLength: 1, maxLength: 2048 }),
      branch: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
    },
    { additionalProperties: false },
  ),
  output: Type.Object({
    project_json: Type.String(),
    off: Lines,
    missing: Lines,
    problems: Lines,
    unknown: Lines,
    toolchains: Lines,
  }),
  annotations: { ...looks, openWorldHint: true },
  async run({ git_url, branch }, client) {
    const body = { git_url, ...(branch === undefined ? {} : { branch }) };
    const { document, off, missing, problems, unknown, toolchains } = await client.post<DetectedProject>(
      '/detect',
      body,
    );
    const on = (document.subprojects ?? []).filter(({ enabled }) => enabled !== false);
    const lines = on.map((one) => {
      const recipes = recipeNames.filter((recipe) => one[recipe] !== undefined);
      return `${shown(one.path, 120)} (${one.language}): ${recipes.join(' ')}`;
    });
    const { document: data } = cutToFit({
      project_json: JSON.stringify(document),
      off: off.map(({ path, why }) => shown(`${path}: ${why}`, 300)),
      problems: problems.map(({ path, why }) => shown(`${path}: ${why}`, 300)),
      unknown: unknown.map(({ command, where }) => shown(`${command} (${where})`, 300)),
      toolchains: toolchains.filter(({ met }) => met !== true).map((one) => shown(askedLine(one), 300)),
      missing: missing.map(({ path, recipe, why }) => shown(`${recipe} of ${path}: ${why}`, 300)),
    });
    return { prose: `Subprojects that would be run: ${on.length}.\n${fenced(lines)}`, data };
  },
});
