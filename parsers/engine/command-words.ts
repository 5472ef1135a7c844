import { type Simple, shellLine } from './shell-line.ts';

/** Words before the program itself: runners, and assignments of variables. */
const runner =
  /^(?:[A-Za-z_]\w{0,63}=.*|npx|bunx|pnpm|yarn|npm|exec|dlx|uv|uvx|run|poetry|pipenv|hatch|bundle|env|time|sudo|nice|(?:[^=]*\/)?python[\d.]*|-m|--yes|-y|--no-install|--|\{)$/s;
const asksOnly = new Set(['--help', '--version', '-h', '-V', '--init', '--print-config']);
const compound = new Set(['!', '{', 'if', 'while', 'until', 'for', 'case', 'function', 'exit', 'return']);

/** Whether one of the simple commands of a shell line starts a program: `cargo clippy`, `npx eslint .`, `python -m mypy`. */
export function startsProgram(command: string, programs: readonly string[]): boolean {
  return shellLine(command).some((one) => starts(one, programs));
}

/**
 * Whether an exit code 0 of the whole proves that this program ran and found nothing: every part is joined by `&&`, or
 * all are gone through as `recipes/` writes it (`status=0; a || status=$?; b || status=$?; exit $status`), and the
 * program's own output went nowhere else.
 */
export function provedByExit(command: string, programs: readonly string[]): boolean {
  const all = shellLine(command);
  const proves = (part: readonly Simple[]) =>
    part.every((one) => /^(?:&&|\(|\)|)$/.test(one.next) && !compound.has(one.words[0] ?? '')) &&
    part.some((one) => tells(one, programs) && !one.odd && !one.words.some((word) => asksOnly.has(word)));
  return (collected(all) ?? (all.some((one) => one.odd) ? [] : [all])).some(proves);
}

/** Whether the command is one simple command that starts one of these programs. */
export function isAlone(command: string, programs: readonly string[]): boolean {
  const [only, ...more] = shellLine(command);
  return (
    only !== undefined && more.length === 0 && only.next === '' && tells(only, programs) && !/`|\$\(/.test(command)
  );
}

/** The parts of a line that collects their exit codes, each joined by `&&`; null when the line is none. */
function collected(all: readonly Simple[]): Simple[][] | null {
  const from = all.findIndex((one) => one.words.join(' ') === 'status=0' && one.next === ';');
  const last = all.at(-1);
  if (from === -1 || last?.words.join(' ') !== 'exit $status' || !prepares(all.slice(0, from))) return null;
  const parts: Simple[][] = [];
  let part: Simple[] = [];
  for (const one of all.slice(from + 1, -1)) {
    if (one.words.indexOf('exit') > 0) return null;
    if (one.words[0]?.startsWith('status=') || one.words[0] === 'exit') {
      // It stands for what failed before it, and for nothing else.
      if (one.words.join(' ') !== 'status=$?' || one.next !== ';' || part.at(-1)?.next !== '||') return null;
      parts.push(part.map((each, at) => (at === part.length - 1 ? { ...each, next: '' } : each)));
      part = [];
    } else part.push(one);
  }
  return part.length === 0 ? parts : null;
}

/** Nothing, or blocks of `{ …; } || exit;`, which end the whole with an exit code of their own. */
function prepares(all: readonly Simple[]): boolean {
  let open = false;
  for (const [at, one] of all.entries()) {
    if (!open && one.words[0] === 'exit' && all[at - 1]?.words.join(' ') === '}') continue;
    if (!open && one.words[0] !== '{') return false;
    open = true;
    if (one.words.join(' ') !== '}') continue;
    const next = all[at + 1];
    if (one.next !== '||' || next?.words.join(' ') !== 'exit' || next.next !== ';') return false;
    open = false;
  }
  return !open;
}

function starts({ words, next, odd }: Pick<Simple, 'words' | 'next' | 'odd'>, programs: readonly string[]): boolean {
  if (odd && words.length === 0) return false;
  const heads = headsOf(words);
  // Runners may be tools too: `npm audit`.
  if (heads.some((head, at) => programs.some((program) => begins(words, at, head, program)))) return true;
  const last = heads.length - 1;
  const exec = words[last] === 'find' ? execAt(words) : -1;
  return exec !== -1 && starts({ words: words.slice(exec + 1), next, odd }, programs);
}

/** Whether it starts one of the programs, and its exit code is theirs: `find … -exec x {} ;` does not tell what x came to. */
function tells(one: Simple, programs: readonly string[]): boolean {
  if (!starts(one, programs)) return false;
  const exec = one.words.includes('find') ? execAt(one.words) : -1;
  return exec === -1 || one.words.indexOf('+', exec) !== -1;
}

function execAt(words: readonly string[]): number {
  return words.findIndex((word) => word === '-exec' || word === '-execdir');
}

const heads = new WeakMap<readonly string[], readonly string[]>();

/** The words of a command up to the program that is no runner, each without its folder. */
function headsOf(words: readonly string[]): readonly string[] {
  const known = heads.get(words);
  if (known !== undefined) return known;
  const first = words.findIndex((word) => !runner.test(word));
  const found = words
    .slice(0, first === -1 ? words.length : first + 1)
    .map((word) => word.slice(word.lastIndexOf('/') + 1));
  heads.set(words, found);
  return found;
}

/** Whether a program, such as `cargo audit`, stands at this place of a command. */
function begins(words: readonly string[], at: number, head: string, program: string): boolean {
  if (!program.startsWith(head) || (program.length > head.length && program.charAt(head.length) !== ' ')) return false;
  return program.length === head.length || program.split(' ').every((word, n) => n === 0 || words[at + n] === word);
}
