/** Where GitHub, GitLab, Gitea and Forgejo look for it, the first one counts. */
export const codeOwnersPaths = [
  '.github/CODEOWNERS',
  '.gitlab/CODEOWNERS',
  '.gitea/CODEOWNERS',
  'CODEOWNERS',
  'docs/CODEOWNERS',
];

const mostLines = 2_000;
const mostOwners = 10;

/**
 * Who owns the files at these paths, by a CODEOWNERS text: of several patterns that match a file the last one counts, and one
 * without owners takes them away. Names of users, or `organisation/team`; addresses of mail are left out.
 */
export function codeOwnersOf(text: string, paths: readonly string[]): string[] {
  const rules = text.split('\n').slice(0, mostLines).flatMap(ruleOf);
  const owners = paths.flatMap((path) => rules.findLast(({ matches }) => matches(path))?.owners ?? []);
  return [...new Set(owners)].slice(0, mostOwners);
}

type Rule = { readonly matches: (path: string) => boolean; readonly owners: readonly string[] };

function ruleOf(line: string): Rule[] {
  const [pattern, ...words] = line
    .replace(/(^|\s)#.*$/, '')
    .trim()
    .split(/\s+/);
  // `[Section]` and `^[Section]` group rules on GitLab; a leading `!` means nothing here.
  if (!pattern || pattern.length > 512 || /^[\^!]?\[|^!/.test(pattern)) return [];
  const owners = words.flatMap((word) => /^@([A-Za-z0-9][\w.-]*(?:\/[\w.-]+)*)$/.exec(word)?.[1] ?? []);
  return [{ matches: matcherOf(pattern), owners }];
}

/** As in `.gitignore`: anchored where a slash stands inside, `*` within a name, `**` over folders, and folders with all below. */
function matcherOf(pattern: string): (path: string) => boolean {
  const bare = pattern.replace(/^\//, '').replace(/\/$/, '');
  const isAnchored = pattern.startsWith('/') || bare.includes('/');
  const wanted = [...(isAnchored ? [] : ['**']), ...bare.split('/')];
  // A file of that name, unless a folder is meant; and all below, unless `docs/*` means what lies directly in it.
  const ways = [...(pattern.endsWith('/') ? [] : [wanted]), ...(bare.endsWith('/*') ? [] : [[...wanted, '**', '*']])];
  return (path) => ways.some((way) => fits(way, path.split('/'), { many: '**', isOne: isName }));
}

function isName(pattern: string, name: string): boolean {
  return fits([...pattern], [...name], { many: '*', isOne: (wanted, found) => wanted === '?' || wanted === found });
}

type How = { readonly many: string; readonly isOne: (wanted: string, found: string) => boolean };

/** Whether parts fit wanted ones, where `many` stands for any number of them. At most one look for each pair. */
function fits(wanted: readonly string[], found: readonly string[], { many, isOne }: How): boolean {
  let [at, next, last, from] = [0, 0, -1, 0];
  while (next < found.length) {
    const one = wanted[at];
    if (one === many) [last, from, at] = [at, next, at + 1];
    else if (one !== undefined && isOne(one, found[next] ?? '')) [at, next] = [at + 1, next + 1];
    else if (last >= 0) [at, from, next] = [last + 1, from + 1, from + 1];
    else return false;
  }
  return wanted.slice(at).every((one) => one === many);
}
