import type { RecipeName } from '../../../events/fields.ts';
import type { Subproject } from '../../../events/projects/project.ts';

/** The command that brings what a recipe of a subproject needs, or null when there is none. */
export function installOf(
  { install, install_for: needing }: Pick<Subproject, 'install' | 'install_for'>,
  recipe: RecipeName,
): string | null {
  return install !== undefined && (needing?.includes(recipe) ?? true) ? install : null;
}
