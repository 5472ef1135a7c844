import type { Draft, Facts, Parser } from './define.ts';

/**
 * One `recipe_fail` for a run that failed for a reason that no parser found. Signals (128 and what follows) and the
 * shell's own 126 and 127 are never explained by what a tool found; codes such as 255 are a tool's own. A run that did not exit by itself is not for here.
 */
export const generic: Parser = {
  name: 'generic',
  recipes: ['build', 'test', 'lint', 'audit'],
  start: () => ({ end: () => false }),
  otherwise: recipeFailure,
};

function recipeFailure({ context, exit, explained, quote, tool }: Facts): Draft | null {
  const { exitCode } = exit;
  if (tool !== undefined) return deadTool(tool, exitCode, quote);
  if (exitCode === null || exitCode === 0 || exit.reason !== 'exited') return null;
  const bySystem = exitCode === 126 || exitCode === 127 || exitCode < 0 || (exitCode >= 128 && exitCode <= 192);
  if (explained && !bySystem) return null;
  const missing = exitCode === 127 ? missingCommand(quote) : null;
  const why = missing === null ? quote : `command not found: ${missing}`;
  const message = `${context.recipe} recipe exited with ${exitCode}${why === '' ? '' : `: ${why}`}`;
  return { kind: 'recipe_fail', severity: 'error', code: `exit_${exitCode}`, message, raw: { text: quote } };
}

function deadTool(tool: string, exitCode: number | null, quote: string): Draft {
  const words = quote === '' ? '' : `: ${quote}`;
  const message =
    exitCode === 127
      ? `${tool}: not found`
      : `${tool} gave no result${exitCode === null ? '' : `: it exited with ${exitCode}`}${words}`;
  const code = exitCode === null ? 'no_result' : `exit_${exitCode}`;
  return { kind: 'recipe_fail', severity: 'error', code, message, raw: { tool, text: quote } };
}

/** dash: `sh: 1: x: not found`; bash: `sh: line 1: x: command not found`; zsh: `command not found: x`. */
function missingCommand(quote: string): string | null {
  for (const line of quote.split(' | ').reverse()) {
    const name =
      /(?:^|: )([^\s:]{1,200}): (?:command )?not found$/.exec(line)?.[1] ??
      /command not found: (\S{1,200})$/.exec(line)?.[1];
    if (name !== undefined) return name;
  }
  return null;
}
