export type LogLine = { readonly number: number; readonly isMatch: boolean; readonly text: string };

export type Asked = { readonly search: string; readonly context: number; readonly skip: number };

/** Groups beyond these are not made: no answer has room for them. */
const mostMatches = 500;

/**
 * The lines that hold a text, whatever their case, with `context` lines around each, in groups of neighbours. Matches
 * that share their context are in one group of at most 10.
 */
export function matchesIn(
  lines: readonly string[],
  { search, context, skip }: Asked,
): { groups: LogLine[][]; total: number } {
  const wanted = search.toLowerCase();
  const matches: number[] = [];
  let total = 0;
  lines.forEach((line, index) => {
    if (!line.toLowerCase().includes(wanted)) return;
    total += 1;
    if (total > skip && matches.length < mostMatches) matches.push(index);
  });
  const groups: LogLine[][] = [];
  let upTo = -1;
  for (const group of neighbours(matches, context * 2)) {
    const [first = 0, last = first] = [group[0], group.at(-1)];
    const inGroup = new Set(group);
    const from = Math.max(upTo + 1, first - context);
    // The context of a match ends where the next match begins, which is in the next group.
    const following = matches.find((one) => one > last) ?? lines.length;
    upTo = Math.min(last + context, following - 1, lines.length - 1);
    groups.push(
      lines
        .slice(from, upTo + 1)
        .map((text, offset) => ({ number: from + offset + 1, isMatch: inGroup.has(from + offset), text })),
    );
  }
  return { groups, total };
}

const mostInGroup = 10;

function neighbours(matches: readonly number[], near: number): number[][] {
  const groups: number[][] = [];
  for (const match of matches) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    if (group && before !== undefined && match - before <= near + 1 && group.length < mostInGroup) group.push(match);
    else groups.push([match]);
  }
  return groups;
}
