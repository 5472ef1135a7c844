import type { Run } from '../define.ts';

export type Place = { readonly file: string; readonly line: number; readonly column: number | null };

/** Folders of other people's code. */
const foreign = /(?:^|\/)(?:node_modules|vendor|gems)\//;

/** `at name (file:line:column)`, `at file:line:column`, and vitest's `❯ name file:line:column`. */
export function javascriptFrame(line: string, run: Run): Place | null {
  const text = line.slice(0, 2000).trim();
  if (!/^(?:at|\u276f) /.test(text)) return null;
  const open = text.lastIndexOf('(');
  const place = open === -1 ? text.slice(text.lastIndexOf(' ') + 1) : text.slice(open + 1).replace(/\)$/, '');
  const at = /^(.{1,1000}):(\d{1,7}):(\d{1,7})$/.exec(place);
  if (at === null || place.startsWith('node:')) return null;
  return own({ file: at[1] ?? '', line: Number(at[2]), column: Number(at[3]) }, run);
}

/** `# ./file:line:in 'name'` of RSpec, and `file:line:in` of Ruby's own backtraces. */
export function rubyFrame(line: string, run: Run): Place | null {
  const at = /^(?:# )?(.{1,1000}?):(\d{1,7})(?::in .{0,1000})?$/.exec(line.slice(0, 2000).trim());
  return at === null ? null : own({ file: at[1] ?? '', line: Number(at[2]), column: null }, run);
}

function own(place: Place, run: Run): Place | null {
  const inside = run.path(place.file);
  return inside === null || foreign.test(inside) ? null : place;
}

/** The first line that names a place in the repository and none of its dependencies. */
export function raisedAt(
  lines: readonly string[],
  frame: (line: string, run: Run) => Place | null,
  run: Run,
): Place | null {
  for (const line of lines) {
    const place = frame(line, run);
    if (place !== null) return place;
  }
  return null;
}
