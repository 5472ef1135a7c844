import type { Observation } from '../../../../events/finding.ts';
import { toolNamed, tools } from '../../../../parsers/tools/registry.ts';
import { shellWord } from '../../../../recipes/shell-word.ts';

export type FixableFinding = Pick<Observation, 'tool' | 'code' | 'tool_code' | 'file'>;

/** A command that lets a tool mend one finding by itself, in the folder of the subproject. */
type FixCommand = { readonly command: string; readonly toolNeeded: string };

// How the recipe starts a program: by its package manager, by its folder, or plainly.
const started = new RegExp(
  `(?:^|[\\s;&|(])(bundle exec |(?:\\.\\/)?vendor\\/bin\\/)?(?:${tools
    .filter(({ fix }) => fix?.how === 'rerun')
    .map(({ name }) => name)
    .join('|')})(?=\\s|$)`,
);

/**
 * What mends the finding by running its tool again; null where no tool does so safely, or a name is not what it should
 * be. `recipe` is the command that found it: how it starts the tool, and by which standard.
 */
export function fixCommand(
  { tool, code, tool_code, file }: FixableFinding,
  subproject: string,
  recipe = '',
): FixCommand | null {
  const fixer = toolNamed(tool)?.fix;
  const rule = tool_code ?? code;
  if (fixer?.how !== 'rerun' || rule === null || file === null || !fixer.code.test(rule)) return null;
  const inside =
    subproject === '.' ? file : file.startsWith(`${subproject}/`) ? file.slice(subproject.length + 1) : null;
  if (inside === null || !fixer.reads.test(inside) || /[\0-\x1f\x7f*?[\]{}!,]/.test(inside)) return null;
  if (inside.startsWith('/') || inside.split('/').includes('..')) return null;
  const as = started.exec(recipe.slice(0, 8192))?.[1] ?? '';
  return { command: fixer.command(rule, shellWord(inside), as, recipe.slice(0, 8192)), toolNeeded: fixer.program };
}
