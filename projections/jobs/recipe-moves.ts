import type { Database } from 'better-sqlite3';
import type { EventData } from '../../events/registry.ts';

type RecipeMove = NonNullable<EventData<'ProjectUpdated'>['moved_recipes']>[number];

/** Gives the rows of a table the recipes that they belong to now, all at once: two may have changed places. */
export function recipeMover(db: Database, table: string, { hasDoc = false } = {}) {
  const start = db.prepare(
    `UPDATE OR REPLACE ${table} SET recipe = '>' || @to
     WHERE project = @project AND subproject = @subproject AND recipe = @from`,
  );
  const doc = hasDoc ? ", doc = json_set(doc, '$.recipe', substr(recipe, 2))" : '';
  const end = db.prepare(
    `UPDATE OR REPLACE ${table} SET recipe = substr(recipe, 2)${doc} WHERE project = ? AND substr(recipe, 1, 1) = '>'`,
  );
  return (project: string, moves: readonly RecipeMove[]): void => {
    for (const move of moves) start.run({ project, ...move });
    if (moves.length > 0) end.run(project);
  };
}
