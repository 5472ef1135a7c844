/** A fenced block of shell commands in a page, and what the comment in front of it says of running it. */
export type ShellBlock = {
  readonly page: string;
  /** The line of the opening fence, from 1. */
  readonly line: number;
  readonly code: string;
  /**
   * `runs`: in the farm of this page, after the blocks before it; `follows`: runs until it has printed something,
   * because it would never end. Otherwise why it is not run here.
   */
  readonly how: 'runs' | 'follows' | { readonly notRun: string } | 'unmarked';
};

const marker = /^<!-- (?:(runs|follows)|not run: (.+)) -->$/;

/** Every block of `sh` or `bash` of a page. The comment stands on the line before the fence. */
export function shellBlocks(page: string, text: string): ShellBlock[] {
  const lines = text.split('\n');
  const blocks: ShellBlock[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    if (!/^```(sh|bash)$/.test(lines[at] ?? '')) continue;
    const end = lines.indexOf('```', at + 1);
    if (end < 0) throw new Error(`${page}:${at + 1}: the block has no end`);
    const said = marker.exec(lines[at - 1] ?? '');
    const how =
      said === null ? 'unmarked' : said[2] === undefined ? (said[1] as 'runs' | 'follows') : { notRun: said[2] };
    blocks.push({ page, line: at + 1, code: lines.slice(at + 1, end).join('\n'), how });
    at = end;
  }
  return blocks;
}

/** One script of all blocks that run: the first command that fails ends it, and its place is the last one named. */
export function scriptOf(blocks: readonly ShellBlock[]): string {
  const parts = blocks
    .filter(({ how }) => how === 'runs' || how === 'follows')
    .map(({ page, line, code, how }) => {
      const named = `printf '== %s\\n' '${page}:${line}' >&2`;
      return how === 'runs' ? `${named}\n${code}` : `${named}\nexport ADMIN TOKEN JOB\nuntil_it_prints ${quoted(code)}`;
    });
  // Whoever logs in goes by what was kept then, and not by a token of the environment.
  const login = parts.some((part) => part.includes('crafting-table login')) ? ['unset CRAFTING_TABLE_TOKEN'] : [];
  return ['set -eu -o pipefail', ...login, untilItPrints, ...parts, ''].join('\n');
}

const quoted = (code: string) => `'${code.replaceAll("'", `'\\''`)}'`;

/** Ends a command that follows something as soon as it has printed a line; one that ends by itself before has failed. */
const untilItPrints = `until_it_prints() {
  rm -f followed
  setsid bash -c "$1" > followed 2>&1 &
  while [ ! -s followed ] && kill -0 $! 2> /dev/null; do sleep 0.05; done
  kill -- -$! 2> /dev/null || return 1
  cat followed
  wait $! || true
}`;
