import type { Tool } from '../../../../parsers/tools/define.ts';
import { fileNames } from '../../../../parsers/tools/file-names.ts';

/** What is known of a file, a finding of which a complete run of its tool does not show, though its line stands there. */
type LookFacts = {
  readonly tool: Tool | undefined;
  /** Names of the finding's rule. */
  readonly names: readonly string[];
  readonly file: string;
  /** Where it was when the finding was seen. */
  readonly was: string;
  /** Its text is what it was then; null when that is not known. */
  readonly same: boolean | null;
  /** Whether the tool named it as looked at, or told of another finding in it; null when it names no such files. */
  readonly looked: boolean | null;
  /** Whether the command leads the tool to it. */
  readonly reach: Reach;
  /** Files that changed since then. */
  readonly changed: ReadonlySet<string>;
  /** An earlier complete run did not show it, when all that it speaks of was as it had been: the tool was not at the file then. */
  readonly dropped?: boolean;
  /** A change of settings, of the command or of the tool's version may be why it is silent. */
  readonly otherWork: boolean;
};

/** `unknown`: what it looks at is asked for elsewhere, in a list or a pattern of its settings. */
export type Reach = 'yes' | 'no' | 'unknown';

/** Why the silence of a tool about a file proves nothing; `ends`: the next complete run decides. */
type LookDoubt = { readonly why: string; readonly ends: boolean };

/**
 * A tool that reports per file proves something by its silence only of a file that it was shown. That its text changed,
 * that it was named, or that something else was found in it speaks for that. Where all that a finding speaks of is as it
 * was, nothing can have mended it.
 */
export function doubtLook(facts: LookFacts): LookDoubt | null {
  const { tool, file, was, looked, reach } = facts;
  if (tool?.scope === undefined) return null;
  const name = tool.name;
  if (looked === false) return { why: `${name} did not look at ${file} in this run`, ends: false };
  const moved = file !== was;
  const ends = looked === true || facts.otherWork || (moved && reach === 'yes');
  if (isUntouched(facts)) return { why: `nothing that it speaks of has changed, and ${name} no longer shows it`, ends };
  if (facts.dropped === true && looked !== true)
    return { why: `${name} passed over ${was} before it changed, and nothing shows that it looks there now`, ends };
  if (!moved || looked === true || reach === 'yes') return null;
  if (reach === 'no') return { why: `${was} is ${file} now, where the command of ${name} does not lead`, ends: false };
  return { why: `${was} is ${file} now, and nothing shows that ${name} looked there`, ends: true };
}

/** Whether all that a finding speaks of is as it was. */
export function isUntouched({
  tool,
  names,
  same,
  changed,
  file,
  was,
}: Pick<LookFacts, 'tool' | 'names' | 'same' | 'changed' | 'file' | 'was'>): boolean {
  if (same !== true) return false;
  if (tool?.scope === 'file' && !names.some((one) => tool.wider?.test(one) === true)) return true;
  return ![...changed].some((path) => path !== file && path !== was && !isProse(path));
}

const dependencies = fileNames([
  ...[
    'package.json',
    'package-lock.json',
    'npm-shrinkwrap.json',
    'pnpm-lock.yaml',
    'yarn.lock',
    'bun.lock',
    'deno.lock',
  ],
  ...[
    'pyproject.toml',
    '*requirements*.{txt,in}',
    'constraints*.txt',
    'poetry.lock',
    'uv.lock',
    'Pipfile*',
    'pdm.lock',
  ],
  ...[
    'setup.{py,cfg}',
    'tox.ini',
    'environment.{yml,yaml}',
    'Cargo.{toml,lock}',
    'rust-toolchain*',
    'go.{mod,sum,work}',
  ],
  ...['composer.{json,lock}', 'Gemfile*', '*.gemspec', 'pom.xml', '*.gradle', '*.gradle.kts', '*.versions.toml'],
  ...['*.csproj', 'Directory.Packages.props', 'global.json', 'mix.{exs,lock}', 'Package.{swift,resolved}'],
  ...['.pre-commit-config.{yml,yaml}', '.tool-versions', 'mise.toml', '.mise.toml', '*Dockerfile*', 'flake.{nix,lock}'],
]);

/** Whether a file says in which version tools and libraries are there. */
export const isDependencyFile = (path: string): boolean => dependencies?.test(path) === true;

const prose = /(?:\.(?:md|markdown|txt|rst|adoc|lst|list|csv|tsv|log|png|jpe?g|gif|svg|pdf|ico)|(?:^|\/)\.?[\w-]+)$/i;
const read =
  /(?:^|\/)(?:CMakeLists\.txt|(?:GNU)?[Mm]akefile\w*|Dockerfile\w*|Rakefile|Gemfile|BUILD|WORKSPACE|[Jj]ustfile)$/;

/** No program is built of it: words, pictures, lists of names and files without an ending. */
const isProse = (path: string): boolean => prose.test(path) && !read.test(path) && !isDependencyFile(path);

/** Lines around one that names a tool in which its version may stand. */
const around = 4;

/** Whether what a file of versions says of a tool, and of what bears its name, is another than it was. */
export function otherVersion(
  { name, programs }: Tool,
  [then, now]: readonly [string | null | undefined, string | null | undefined],
): boolean {
  if (then === undefined || now === undefined) return true;
  const words = [...new Set([name, ...programs.map((one) => one.split(' ')[0] ?? one)])].filter(
    (one) => one.length > 2,
  );
  const said = (text: string | null) => {
    const lines = (text ?? '').split('\n');
    const named = lines.flatMap((line, at) => (words.some((word) => line.includes(word)) ? [at] : []));
    return named.map((at) => lines.slice(at, at + around).join('\n')).join('\n\n');
  };
  return said(then) !== said(now);
}
