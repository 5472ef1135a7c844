/** Notes how a file really indents a line that somebody quoted with an indentation of their own; the last one counts. */
export function learnIndent(indents: Map<string, string>, said: string, real: string): void {
  if (said.trim() !== '') indents.set(indentOf(said), indentOf(real));
}

/**
 * Gives a new line the indentation that its writer would have used had they seen the file's: as a quoted line with the same
 * one, or further in from the deepest quoted one that it begins with.
 */
export function fitIndent(indents: ReadonlyMap<string, string>, line: string): string {
  const said = indentOf(line);
  const known = [...indents.keys()].filter((from) => said.startsWith(from)).sort((a, b) => b.length - a.length)[0];
  if (known === undefined) return line;
  return (indents.get(known) ?? '') + inner(indents, said.slice(known.length)) + line.slice(said.length);
}

// A quoted tab that stands for four spaces does so further in, too.
function inner(indents: ReadonlyMap<string, string>, rest: string): string {
  const to = indents.get('\t');
  return to === undefined || to === '' ? rest : rest.replaceAll('\t', to);
}

function indentOf(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? '';
}
