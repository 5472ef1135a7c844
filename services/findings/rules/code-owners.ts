/** A line of CODEOWNERS: whose the files are that its pattern names; nobody's for an empty list. */
type OwnerRule = { readonly pattern: string; readonly owners: readonly string[]; readonly line: number };

/** Where forges look for the file, the first one that is there. */
export const ownerFiles = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitea/CODEOWNERS'] as const;

const mostRules = 5_000;

/** Reads CODEOWNERS as GitHub and Gitea do: a pattern and owners a line, `#` begins a comment, sections in brackets are passed over. */
export function readCodeOwners(text: string): OwnerRule[] {
  return text
    .split('\n')
    .slice(0, mostRules)
    .flatMap((raw, at) => {
      const words = raw
        .replace(/(^|\s)#.*$/, '')
        .trim()
        .match(/(?:\\.|\S)+/g);
      const [pattern, ...owners] = words ?? [];
      if (pattern === undefined || /^\^?\[/.test(pattern)) return [];
      return [{ pattern: pattern.replace(/\\(.)/g, '$1'), owners, line: at + 1 }];
    });
}

/** Whose a path is: the last line that names it decides. Null where no line does. */
export function ownersOf(path: string, rules: readonly CompiledRule[]): CompiledRule | null {
  return rules.findLast(({ matches }) => matches(path)) ?? null;
}

export type CompiledRule = OwnerRule & { readonly matches: (path: string) => boolean };

/** Patterns are those of .gitignore, without negation and character classes. */
export function compileOwners(rules: readonly OwnerRule[]): CompiledRule[] {
  return rules.map((rule) => ({ ...rule, matches: matcherOf(rule.pattern) }));
}

function matcherOf(pattern: string): (path: string) => boolean {
  const anchored = /\/(?!$)/.test(pattern);
  const parts = pattern.replace(/^\//, '').replace(/\/$/, '').split('/');
  const wanted = anchored || parts[0] === '**' ? parts : ['**', ...parts];
  const isFolder = pattern.endsWith('/');
  // `docs/*` names what lies in docs itself, and nothing deeper.
  const isShallow = anchored && parts.at(-1) === '*';
  return (path) => {
    const segments = path.split('/');
    const fitting = prefixesThatFit(segments, wanted);
    // A pattern names a folder with all that is in it.
    return fitting.some((fits, length) => {
      const isWhole = length === segments.length;
      return fits && length > 0 && !(isShallow && !isWhole) && !(isFolder && isWhole);
    });
  };
}

/**
 * Which beginnings of a path, by their number of segments, fit a pattern; `**` stands for any number of segments. Row by row
 * instead of by trying: a hostile pattern costs its length times the path's.
 */
function prefixesThatFit(segments: readonly string[], wanted: readonly string[]): boolean[] {
  let row = [true, ...segments.map(() => false)];
  for (const part of wanted) {
    const next = [part === '**' && row[0] === true];
    for (const [at, segment] of segments.entries())
      next.push(
        part === '**' ? next[at] === true || row[at + 1] === true : row[at] === true && fitsPart(segment, part),
      );
    row = next;
  }
  return row;
}

function fitsPart(segment: string, part: string): boolean {
  let [at, star, resume, mark] = [0, -1, 0, 0];
  while (at < segment.length) {
    if (part[mark] === '*') {
      star = mark;
      resume = at;
      mark += 1;
    } else if (part[mark] === '?' || part[mark] === segment[at]) {
      mark += 1;
      at += 1;
    } else if (star >= 0) {
      mark = star + 1;
      resume += 1;
      at = resume;
    } else return false;
  }
  while (part[mark] === '*') mark += 1;
  return mark === part.length;
}
