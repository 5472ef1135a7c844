/** One rule as one tool names it. */
export type RuleName = readonly [tool: string, code: string];

/** One rule as several tools name it. */
export type RuleNames = readonly RuleName[];

/** Rows of names, one a tool; an empty one for a tool that has no such rule. */
export function table(tools: readonly string[], all: readonly (readonly string[])[]): RuleNames[] {
  return all.map((codes) => codes.flatMap((code, at): RuleName[] => (code === '' ? [] : [[tools[at] ?? '', code]])));
}

/** The same of two tools, as words: `F401 W0611|F403 W0401`. */
export function rows(tools: readonly [string, string], pairs: string): RuleNames[] {
  return table(
    tools,
    pairs.split('|').map((pair) => pair.split(' ')),
  );
}
