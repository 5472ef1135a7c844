import { recipeNames } from '../../../events/fields.ts';
import type { ProjectDocument } from '../../../events/projects/project.ts';
import { parsers } from '../../../parsers/registry.ts';
import { tools } from '../../../parsers/tools/registry.ts';

export type Warning = { readonly path: string; readonly message: string };

/** A tool whose findings are read better from another output. `has`: it is asked for already. */
type Advice = { readonly tool: string; readonly runs: RegExp; readonly has: RegExp; readonly add: string };

const escaped = /[.+*?^$()[\]{}|\\]/g;
const word = (program: string) => new RegExp(`(^|[\\s;&|(/])${program.replace(escaped, '\\$&')}(?=\\s|$|[;&|)])`);

const advice: readonly Advice[] = tools.flatMap(({ name, programs, machine }) => {
  if (machine?.asked === undefined || !parsers.some(({ tool }) => tool === name)) return [];
  const { flag, asked, of = programs } = machine;
  return of.map((program) => ({ tool: program, runs: word(program), has: asked, add: flag }));
});

/** Commands whose text output is read, but whose machine output holds more (places, fixes, severities). */
export function commandWarnings({ subprojects }: Pick<ProjectDocument, 'subprojects'>): Warning[] {
  return subprojects.flatMap((subproject, index) =>
    recipeNames.flatMap((recipe) => {
      const command = subproject[recipe] ?? '';
      return advice
        .filter(({ runs, has }) => runs.test(command) && !has.test(command))
        .map(({ tool, add }) => ({
          path: `/subprojects/${index}/${recipe}`,
          message: `${tool} is read from its text; with ${add} its findings are exact and carry more`,
        }));
    }),
  );
}
