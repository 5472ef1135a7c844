/** A commit of a made-up history, and what a careful reader says of it. */
export type TruthCommit = {
  /** Every file of the tree, by path. */
  readonly tree: Readonly<Record<string, string>>;
  /** The defects that are there: each stands in one line and never comes back once it is gone. */
  readonly defects: ReadonlySet<string>;
  /** The linter dies on it: a run of it says nothing. */
  readonly crashes: boolean;
};

/**
 * Speaks like ESLint. `bad(n)` is a defect, and so is `use(n)` in a file without `def(n)`: its cause can go while its own line
 * stays. It dies where the tree holds `crash`, and looks at no file that `passed-over` names, which no settings are. In Perl without modules, which starts in 2 ms.
 */
export const truthLinter = String.raw`
exit 3 if -e 'crash';
sub lines { open my $file, '<', $_[0] or die "$_[0]: $!"; <$file> }
sub files { map { -d && !-l ? files(glob "$_/*") : /\.js$/ ? $_ : () } @_ }
my $here = readlink '/proc/self/cwd';
my %passed = -e 'passed-over' ? map { s/\s+$//r => 1 } lines('passed-over') : ();
my @results;
for my $name (sort(files('src'))) {
  next if $passed{$name};
  my @lines = lines($name);
  my %def = map { /def\((\d+)\)/ ? ($1 => 1) : () } @lines;
  my ($line, @messages) = (0);
  for (@lines) {
    $line++;
    my $rule = /(bad)\((\d+)\)/ ? 'no-bad' : /(use)\((\d+)\)/ && !$def{$2} ? 'no-use' : next;
    push @messages, "{\"ruleId\":\"$rule\",\"severity\":1,\"message\":\"$1-$2\",\"line\":$line,\"column\":1}";
  }
  push @results, "{\"filePath\":\"$here/$name\",\"messages\":[" . join(',', @messages) . '],"errorCount":0,"fatalErrorCount":0,'
    . '"warningCount":0,"fixableErrorCount":0,"fixableWarningCount":0,"usedDeprecatedRules":[]}';
}
print '[' . join(',', @results) . ']';
exit(grep({ /"ruleId"/ } @results) ? 1 : 0);
`;

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Files = Map<string, string[]>;

/**
 * A history in which defects come, move with their lines and files, and go in every way that the farm has to tell apart.
 * `hides`: now and then the linter is not shown a file for a commit; what it said of it before still stands.
 */
export function truthHistory(seed: number, commits: number, { hides = false } = {}): TruthCommit[] {
  const random = randomOf(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const files: Files = new Map();
  let count = 0;
  let version = 0;
  const next = () => {
    count += 1;
    return count;
  };
  const neutral = () => `const value${next()} = compute(${below(1000)}, "${below(1e6).toString(36)}");`;
  const anyFile = () => [...files.keys()].sort()[below(files.size)] as string;
  const linesOf = (path: string) => files.get(path) as string[];
  const insert = (line: string) => {
    const lines = linesOf(anyFile());
    lines.splice(below(lines.length + 1), 0, line);
  };
  const pick = (wanted: RegExp) => {
    const found = [...files].flatMap(([path, lines]) =>
      lines.flatMap((line, at) => (wanted.test(line) ? [{ path, at, line }] : [])),
    );
    return found[below(found.length)];
  };
  const replaceAny = (wanted: RegExp, ...by: string[]) => {
    const found = pick(wanted);
    if (found) linesOf(found.path).splice(found.at, 1, ...by);
  };
  const define = () => {
    const found = pick(/^\s*use\(/);
    const number = /\d+/.exec(found?.line ?? '')?.[0];
    if (found && number) linesOf(found.path).unshift(`def(${number});`);
  };
  const rename = () => {
    const [from, to] = [anyFile(), `src/${below(2) === 0 ? '' : 'deep/'}moved${next()}.js`];
    files.set(to, linesOf(from));
    files.delete(from);
  };
  const edits: (() => void)[] = [
    () => insert(`bad(${next()});`),
    () => insert(`bad(${next()});`),
    () => insert(`use(${next()});`),
    () => replaceAny(/bad\(/, neutral()),
    () => replaceAny(/bad\(|use\(/),
    define,
    define,
    () => insert(neutral()),
    () => insert(`${neutral()}\n${neutral()}\n${neutral()}`),
    () => replaceAny(/^const/),
    () => {
      const found = pick(/^\s*bad\(/);
      if (found) linesOf(found.path)[found.at] = `  ${found.line}`;
    },
    rename,
    () => {
      version += 1;
    },
  ];
  for (const name of ['a', 'b', 'c', 'd']) files.set(`src/${name}.js`, Array.from({ length: 12 }, neutral));
  for (let at = 0; at < 4; at += 1) insert(`bad(${next()});`);
  insert(`use(${next()});`);
  let died = false;
  return Array.from({ length: commits }, (_, at) => {
    // What came with a commit on which it died was not seen yet.
    if (hides && at > 1 && !died && below(4) === 0)
      return commitOf(files, { version, crashes: false, passed: anyFile() });
    if (at > 0) for (let left = 1 + below(4); left > 0; left -= 1) edits[below(edits.length)]?.();
    // Lines that were put in together are lines of their own from then on.
    for (const [path, lines] of files)
      files.set(
        path,
        lines.flatMap((line) => line.split('\n')),
      );
    died = at > 0 && below(9) === 0;
    return commitOf(files, { version, crashes: died });
  });
}

type Around = { readonly version: number; readonly crashes: boolean; readonly passed?: string };

function commitOf(files: Files, { version, crashes, passed }: Around): TruthCommit {
  const defects = new Set<string>();
  for (const lines of files.values()) {
    const defined = new Set(lines.flatMap((line) => /def\((\d+)\)/.exec(line)?.[1] ?? []));
    for (const line of lines) {
      const [, word, number = ''] = /(bad|use)\((\d+)\)/.exec(line) ?? [];
      if (word === 'bad' || (word === 'use' && !defined.has(number))) defects.add(`${word}-${number}`);
    }
  }
  const sources = [...files].map(([path, lines]) => [path, `${lines.join('\n')}\n`]);
  const tree = {
    'truth.pl': truthLinter,
    'package.json': `{ "name": "made-up", "version": "1.0.${version}" }\n`,
    ...Object.fromEntries(sources),
    ...(crashes ? { crash: 'now\n' } : {}),
    ...(passed === undefined ? {} : { 'passed-over': `${passed}\n` }),
  };
  return { tree, defects, crashes };
}
