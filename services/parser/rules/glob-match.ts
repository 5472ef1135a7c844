/** Longer patterns and paths are looked at up to there. */
const longest = 300;
const mostChoices = 16;

type Token = { readonly kind: 'char' | 'one' | 'star' | 'deep' | 'folders'; readonly char: string };

function tokensOf(glob: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < glob.length; at += 1) {
    const char = glob.charAt(at);
    if (glob.startsWith('**/', at)) {
      tokens.push({ kind: 'folders', char });
      at += 2;
    } else if (glob.startsWith('**', at)) {
      tokens.push({ kind: 'deep', char });
      at += 1;
    } else tokens.push({ kind: char === '*' ? 'star' : char === '?' ? 'one' : 'char', char });
  }
  return tokens;
}

/** Where a match may stand after each step, for each place of the text: linear in both, whatever they hold. */
function ends(tokens: readonly Token[], text: string, starts: readonly boolean[]): boolean[] {
  let now = [...starts];
  for (const { kind, char } of tokens) {
    const next = new Array<boolean>(text.length + 1).fill(false);
    let reached = false;
    for (let at = 0; at <= text.length; at += 1) {
      const before = text.charAt(at - 1);
      if (kind === 'char') next[at] = at > 0 && now[at - 1] === true && before === char;
      else if (kind === 'one') next[at] = at > 0 && now[at - 1] === true && before !== '/';
      else if (kind === 'star') next[at] = now[at] === true || (at > 0 && next[at - 1] === true && before !== '/');
      else {
        reached ||= now[at] === true;
        next[at] = kind === 'deep' ? reached : now[at] === true || (reached && before === '/');
      }
    }
    now = next;
  }
  return now;
}

/** Each of `{a,b}` written out. */
function spelled(glob: string): string[] {
  let all = [glob];
  for (let round = 0; round < 3; round += 1)
    all = all
      .flatMap((one) => {
        const [, before = '', choices, after = ''] = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(one) ?? [];
        return choices === undefined ? [one] : choices.split(',').map((choice) => `${before}${choice}${after}`);
      })
      .slice(0, mostChoices);
  return all;
}

/** Whether a word matches a pattern in which `*` stands for any characters. */
export function matchesName(glob: string, word: string): boolean {
  const text = word.slice(0, longest).replaceAll('/', '\0');
  const starts = Array.from({ length: text.length + 1 }, (_, at) => at === 0);
  return ends(tokensOf(glob.slice(0, longest).replaceAll('/', '\0')), text, starts)[text.length] === true;
}

/** Whether a pattern of paths covers the file. It may begin at any folder, and folders cover what lies in them. */
export function coversFile(pattern: string, path: string | null): boolean {
  if (path === null) return false;
  const file = path.slice(0, 1024);
  const own = pattern.slice(0, longest).replace(/^(?:\.\/|\/){1,9}/, '');
  const bare = own.endsWith('/') ? own.slice(0, -1) : own;
  if (bare === '' || /^(?:\d+|true|false)$/.test(bare)) return false;
  if (/^(?:\.|\*{1,2}|\*\*\/\*)$/.test(bare)) return true;
  if (/^[*.]+$/.test(bare)) return false;
  // A bare word is a folder, and not the name of a file without its ending.
  if (/^[\w-]+$/.test(bare)) return file.split('/').slice(0, -1).includes(bare) || file === bare;
  const starts = Array.from({ length: file.length + 1 }, (_, at) => at === 0 || file.charAt(at - 1) === '/');
  return spelled(bare).some((one) => {
    const literal = one.split(/[*?/]+/).reduce((long, part) => (part.length > long.length ? part : long), '');
    if (!file.includes(literal)) return false;
    const found = ends(tokensOf(one), file, starts);
    return found.some((is, at) => is && (at === file.length || file.charAt(at) === '/'));
  });
}
