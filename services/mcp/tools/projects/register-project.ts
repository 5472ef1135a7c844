import { type Static, Type } from '@sinclair/typebox';
import type { Project } from '../../../documents/project-schema.ts';
import { AppError } from '../../../floor/app-error.ts';
import { cutToFit } from '../../answers/answer-size.ts';
import { Lines, Row } from '../../answers/tool-fields.ts';
import { shown } from '../../answers/untrusted-text.ts';
import { defineTool } from '../../define.ts';
import { projectRow } from './list-projects.ts';

type Registered = {
  project: Static<typeof Project>;
  warnings: { path: string; message: string }[];
  next_runs: Record<string, string[]>;
};

export const registerProject = defineTool({
  name: 'crafting_table_register_project',
  toolset: 'projects',
  title: 'Register a project',
  description:
    'Registers a git repository. project_json is JSON in a string: {"name","git_url","subprojects":[{"path","language","build"?,"test"?,"lint"?,"audit"?,"timeout_secs"?}],"schedule"?,"notify"?}. Recipes are shell commands.',
  input: Type.Object(
    { project_json: Type.String({ minLength: 2, maxLength: 500_000 }) },
    { additionalProperties: false },
  ),
  output: Type.Object({ project: Row, warnings: Lines }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  async run({ project_json }, client) {
    const { project, warnings } = await client.post<Registered>('/projects', objectIn(project_json));
    const { document } = cutToFit({
      project: projectRow(project),
      warnings: warnings.map(({ path, message }) => shown(`${path}: ${message}`, 300)),
    });
    const said = document.warnings.map((one) => `\nWarning: ${one}`).join('');
    return {
      prose: `${project.name} is registered. Run its recipes with crafting_table_run_test and its like.${said}`,
      data: document,
    };
  },
});

/** The message of a parser quotes what it read, and that may hold a credential: only the place is told. */
function objectIn(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    const place = /position \d+/.exec((error as Error).message)?.[0] ?? 'its end';
    throw new AppError(
      'invalid',
      `project_json is not JSON: it breaks off at ${place}. Encode the project as one string.`,
    );
  }
  throw new AppError(
    'invalid',
    'project_json must be the JSON of an object such as {"name":"shop","git_url":"https://…"}.',
  );
}
