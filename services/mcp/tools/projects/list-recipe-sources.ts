import { type Static, Type } from '@sinclair/typebox';
import type { RecipeSource } from '../../../documents/recipe-source-schema.ts';
import { cutToFit } from '../../answers/answer-size.ts';
import { Rows } from '../../answers/tool-fields.ts';
import { fenced, shown } from '../../answers/untrusted-text.ts';
import { defineTool, looks } from '../../define.ts';

type Source = Static<typeof RecipeSource>;

const mostProjects = 20;
const mostFaults = 5;

export const recipeSourcesTool = defineTool({
  name: 'crafting_table_list_recipe_sources',
  toolset: 'projects',
  title: 'List recipe sources',
  description: 'Recipe sets: versions, drift, refusals.',
  input: Type.Object({}, { additionalProperties: false }),
  output: Type.Object({ sources: Rows }),
  annotations: looks,
  async run(_input, client) {
    const { sources } = await client.get<{ sources: Source[] }>('/recipe-sources');
    const { document: data } = cutToFit({ sources: sources.map(rowOf) });
    if (sources.length === 0) return { prose: 'There is no recipe source.', data };
    const lines = sources.map(
      ({ id, drift, waits }) => `${id}: ${drift.replaceAll('_', ' ')}${waits === null ? '' : `, ${shown(waits, 200)}`}`,
    );
    return { prose: `Recipe sources: ${sources.length}.\n${fenced(lines)}`, data };
  },
});

function rowOf({ id, git_url, ref, seen, versions, canary, production, drift, waits, refused, projects }: Source) {
  const faultsOf = (faults: readonly { path: string; message: string }[]) =>
    faults.slice(0, mostFaults).map(({ path, message }) => shown(`${path} ${message}`.trim(), 200));
  return {
    id,
    git_url: shown(git_url, 300),
    ref: shown(ref, 100),
    stands_at: seen?.sha ?? null,
    newest: versions[0]?.sha ?? null,
    canary,
    production,
    drift,
    waits: waits === null ? null : shown(waits, 300),
    ...(refused ? { refused: { sha: refused.sha, faults: faultsOf(refused.faults) } } : {}),
    projects: projects.slice(0, mostProjects).map(({ project, tier, sha, drift: isBehind, faults }) => {
      return { project, tier, sha, drift: isBehind, ...(faults.length > 0 ? { faults: faultsOf(faults) } : {}) };
    }),
    ...(projects.length > mostProjects ? { projects_left_out: projects.length - mostProjects } : {}),
  };
}
