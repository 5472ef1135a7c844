import type { Observation } from '../../../../events/finding.ts';
import { shellWord } from '../../../../recipes/shell-word.ts';

export type FixableFinding = Pick<Observation, 'tool' | 'code' | 'tool_code' | 'file'>;

/** A command that lets a tool mend one finding by itself, in the folder of the subproject. */
export type FixCommand = { readonly command: string; readonly toolNeeded: string };

type Fixer = {
  /** The program, without which the command cannot be run. */
  readonly program: string;
  /** What the tool's name for a rule looks like. */
  readonly code: RegExp;
  readonly reads: RegExp;
  /** `as` starts the program as the recipe does: `bundle exec `, `vendor/bin/`, or nothing. */
  command(code: string, file: string, as: string, recipe: string): string;
};

const started = /(?:^|[\s;&|(])(bundle exec |(?:\.\/)?vendor\/bin\/)?(?:ktlint|phpcs|rubocop)(?=\s|$)/;

/** Tools that print no edits. Only what they call safe is asked for, and where they can, only of the one rule. */
const fixers: Readonly<Record<string, Fixer>> = {
  ktlint: {
    program: 'ktlint',
    code: /^[a-z][a-z0-9-]{0,40}(?::[a-z][a-z0-9-]{0,60})?$/,
    reads: /\.kts?$/,
    // It has no option for one rule.
    command: (_code, file) => `ktlint -F ${file}`,
  },
  phpcs: {
    program: 'phpcbf',
    code: /^[A-Za-z]\w{0,60}\.[A-Za-z]\w{0,60}\.[A-Za-z]\w{0,80}(?:\.[A-Za-z]\w{0,80})?$/,
    reads: /\.(?:php|inc|phtml)$/,
    // A sniff has three parts, of which the fourth is one message. 1 says that it mended all that it found.
    command(code, file, as, recipe) {
      const standard = / --standard=([\w./-]{1,200})(?=\s|$)/.exec(recipe)?.[1];
      const sniff = code.split('.').slice(0, 3).join('.');
      const options = `${standard === undefined ? '' : `--standard=${standard} `}--sniffs=${sniff}`;
      return `${as}phpcbf ${options} ${file} || [ $? -eq 1 ]`;
    },
  },
  rubocop: {
    program: 'rubocop',
    code: /^[A-Z][A-Za-z0-9]{0,40}(?:\/[A-Z][A-Za-z0-9]{0,60}){1,3}$/,
    reads: /(?:\.(?:rb|rake|gemspec|ru)|(?:^|\/)(?:Gemfile|Rakefile))$/,
    // 1 says that something is left, which is judged elsewhere.
    command: (code, file, as) => `${as}rubocop --autocorrect --only ${code} ${file} || [ $? -eq 1 ]`,
  },
};

/**
 * What mends the finding by running its tool again; null where no tool does so safely, or a name is not what it should
 * be. `recipe` is the command that found it: how it starts the tool, and by which standard.
 */
export function fixCommand(
  { tool, code, tool_code, file }: FixableFinding,
  subproject: string,
  recipe = '',
): FixCommand | null {
  const fixer = Object.hasOwn(fixers, tool) ? fixers[tool] : undefined;
  const rule = tool_code ?? code;
  if (fixer === undefined || rule === null || file === null || !fixer.code.test(rule)) return null;
  const inside =
    subproject === '.' ? file : file.startsWith(`${subproject}/`) ? file.slice(subproject.length + 1) : null;
  if (inside === null || !fixer.reads.test(inside) || /[\0-\x1f\x7f*?[\]{}!,]/.test(inside)) return null;
  if (inside.startsWith('/') || inside.split('/').includes('..')) return null;
  const as = started.exec(recipe.slice(0, 8192))?.[1] ?? '';
  return { command: fixer.command(rule, shellWord(inside), as, recipe.slice(0, 8192)), toolNeeded: fixer.program };
}
