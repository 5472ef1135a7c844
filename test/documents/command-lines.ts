/** A command line of ours that a page prints. `whole`: in a block of commands, where nothing is left out. */
export type CommandLine = { readonly at: string; readonly words: readonly string[]; readonly whole: boolean };

const ours = /(?:^|[\s;&|(])(?:npx )?crafting-table ((?:[^|;&<>()#`"']|"[^"]*"|'[^']*'|<[\w-]+>)+)/g;

/** The command lines in the blocks and in the running text of a page; those of a block may begin with `$`. */
export function commandLines(page: string, text: string): CommandLine[] {
  const found: CommandLine[] = [];
  let fence: string | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const opened: string | undefined = /^```(\w*)/.exec(line)?.[1];
    if (opened !== undefined) {
      fence = fence === null ? opened : null;
      continue;
    }
    const isBlock = fence === 'sh' || fence === 'bash' || (fence !== null && line.startsWith('$ '));
    if (fence !== null && !isBlock) continue;
    const parts = isBlock ? [line] : [...line.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
    // There the name is that of a container or of a service.
    for (const part of parts.filter((one) => !/\b(?:docker|podman|journalctl|systemctl)\b/.test(one)))
      for (const [, rest = ''] of part.matchAll(ours)) {
        const words = wordsOf(rest);
        if (words.some((word) => !word.startsWith('-')))
          found.push({ at: `${page}:${index + 1}`, words, whole: isBlock });
      }
  }
  return found;
}

/** The words of a shell: quotes are taken off. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ''));
}
