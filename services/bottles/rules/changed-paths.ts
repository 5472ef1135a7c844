/** The paths that a diff of git changes, in its order: new names of what is there after, old names of what is not. */
export function changedPaths(diff: string): string[] {
  const paths = new Set<string>();
  for (const [, line = ''] of diff.matchAll(/^diff --git (.+)$/gm)) {
    const named = /^"?a\/(.*?)"? "?b\/(.*?)"?$/.exec(line);
    if (named?.[2] !== undefined) paths.add(named[2]);
  }
  return [...paths];
}
