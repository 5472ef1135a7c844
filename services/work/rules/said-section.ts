const begin = '<!-- crafting-table: what an agent says -->';
const end = '<!-- crafting-table: end of what an agent says -->';

/**
 * A description with what an agent says of it at its end, in the place of what was said there before. What people wrote, the
 * evidence of a pull request and what it closes stay.
 */
export function withSection(description: string, said: string): string {
  const [from, to] = [description.lastIndexOf(begin), description.lastIndexOf(end)];
  const isThere = from >= 0 && to > from;
  const before = isThere ? description.slice(0, from) : description;
  const after = isThere ? description.slice(to + end.length) : '';
  return [before.trimEnd(), `${begin}\n\n${said}\n\n${end}`, after.trim()].filter((part) => part !== '').join('\n\n');
}
