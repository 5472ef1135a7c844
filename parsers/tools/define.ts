/**
 * Where a silencing comment counts. `line`: its own line; `next`: the next line of code; `declaration`: the one that
 * follows, with its body; `block`: up to what ends it, or the end of the file; `file`: all of it.
 */
export type Reach = 'line' | 'next' | 'declaration' | 'block' | 'file';

/** One way to tell a tool to be silent about a place. */
export type Silencer = {
  /** Names of languages; null for all. */
  readonly languages: readonly string[] | null;
  /** `comment`: at the start of a comment; `inside`: anywhere in one; `code`: outside of comments and strings; `line`: anywhere. */
  readonly where: 'comment' | 'inside' | 'code' | 'line';
  /** A regular expression. A space stands for any white space, or none. */
  readonly words: string;
  readonly reach: Reach;
  /** Where it counts when it stands on a line of its own. */
  readonly alone?: Reach;
  /** What ends its block, written like `words`. */
  readonly end?: string;
  /** Silencers of one family speak to the same tool: a wide one may be narrowed to another. The tool's name if absent. */
  readonly family?: string;
  /** As it stands in a source. */
  readonly example: string;
};

/** The files that decide what a tool says. Names may hold `*` (within a name), `**` (over folders) and `{a,b}`. */
type Settings = {
  /** Its own. */
  readonly files?: readonly string[];
  /** Lists of what it passes over: ignore files and baselines. */
  readonly lists?: readonly string[];
  /** Its own tables in files that others share: `{ 'pyproject.toml': ['tool.ruff'] }`. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  /** Build files that configure it among many other things. */
  readonly builds?: readonly string[];
};

/** A path that settings name, as a glob: where tests lie, what is loaded into the process of a runner, what a build starts. */
export type SettingsPath = { readonly role: 'test' | 'hook' | 'build_script'; readonly glob: string };

/** Options of its command by what they mean, separated by spaces. Each of the first three takes a value. */
type Options = {
  /** Name rules, severities or files to look at, and no others. */
  readonly selects?: string;
  /** Name rules, advisories or files to pass over. */
  readonly ignores?: string;
  /** Name a file of settings. */
  readonly config?: string;
  /** Stand alone, and make it say less. */
  readonly lowers?: string;
};

/** How the words of its command are told apart, so that it can be asked about some files only. */
export type Narrowing = {
  /** The words that start it. */
  readonly start: string;
  /** Further options whose value is the next word. */
  readonly values: string;
  /** Further options that stand alone. */
  readonly flags: string;
  /** Names of files that it reads. */
  readonly reads: RegExp;
  /** What comes after `--` is a path, whatever it looks like; true if absent. */
  readonly dashes?: boolean;
  /** Without a path it looks at the whole folder; true if absent. */
  readonly wholeFolder?: boolean;
};

/** What a tool counts in its columns and offsets. `unknown`: right only where all ways to count agree. */
export type CountedUnit = 'utf16' | 'characters' | 'bytes' | 'unknown';

/** How a tool mends what it finds. */
type Fix =
  | {
      /** Its output holds edits. */
      readonly how: 'edits';
      readonly counts: CountedUnit;
      /** It never applies two edits in one go that touch. */
      readonly apart?: boolean;
    }
  | {
      /** It mends files itself when it is run again; its output holds no edits. */
      readonly how: 'rerun';
      /** The program, without which the command cannot be run. */
      readonly program: string;
      /** What the tool's name for a rule looks like. */
      readonly code: RegExp;
      readonly reads: RegExp;
      /** `file` is quoted; `as` starts the program as the recipe does: `bundle exec `, `vendor/bin/`, or nothing. */
      command(code: string, file: string, as: string, recipe: string): string;
    };

/** The flag by which its output is exact and carries more than its text. */
type Machine = {
  readonly flag: string;
  /** By this one knows that such an output is asked for already; absent: its text says as much. */
  readonly asked?: RegExp;
  /** The commands to which that applies, where these are not all of its programs. */
  readonly of?: readonly string[];
};

/** Rules of another tool to which a tool gives names of a form of its own; `$1` is what both names share. */
type Respelling = {
  readonly own: RegExp;
  readonly ownAs: string;
  readonly of: string;
  readonly theirs: RegExp;
  readonly theirsAs: string;
};

/** `{ 0: 'nothing found', '2-31': 'findings' }` */
type ExitCodes = Readonly<Record<string, string>>;

/** All that is known of one tool. Whoever needs to know something of a tool looks it up here. */
export type Tool = {
  /** The name that findings give it. */
  readonly name: string;
  readonly documentation: string;
  /** How it is installed, as one types it, or in words. */
  readonly install: string;
  /** What one of its programs is given so that it says its version; absent: it is not asked. A proof says what it ran on. */
  readonly version?: string;
  /** Words that start it in a command, such as `eslint` or `cargo audit`. */
  readonly programs: readonly string[];
  readonly languages: readonly string[];
  /**
   * What a finding of it speaks of. `file`: the text of its own file alone; `program`: other files, too. Left out where that
   * is not known, or where it speaks of no file: then its silence is believed.
   */
  readonly scope?: 'file' | 'program';
  /** Codes of the rules of a tool with the scope `file` that look at other files all the same. */
  readonly wider?: RegExp;
  /** It builds, or runs anything: a command without it lacks no check. */
  readonly builds?: boolean;
  /** A build tool starts it, and tells nothing of it when it finds nothing: a clean build of everything says that it is content. */
  readonly compiles?: boolean;
  /** Tools that tell its errors beside their own: where one came to its end without a failure, those are gone. */
  readonly toldBy?: readonly string[];
  /**
   * Its exit codes when it came to its end and told all that it found: a code, or the first and the last of several, and what
   * they mean. 0 and 1 where left out.
   */
  readonly exits?: ExitCodes;
  /** Its exit codes when it did not. */
  readonly fails?: ExitCodes;
  /** Tools that name the rules which they share with it as it does. */
  readonly sharesRules?: readonly string[];
  readonly respells?: readonly Respelling[];
  readonly machine?: Machine;
  readonly silencers?: readonly Silencer[];
  /** Other tools whose comments count for this one too. */
  readonly obeys?: readonly string[];
  /** Its comments count for the findings of every tool: a platform that takes in what others found. */
  readonly platform?: boolean;
  readonly settings?: Settings;
  /** What those of its settings files say of paths; the names are exact, and texts may be anything. */
  readonly paths?: { readonly files: readonly string[]; read(text: string): readonly SettingsPath[] };
  /** The lock files in which it looks for packages with advisories, by name. */
  readonly locks?: readonly string[];
  readonly options?: Options;
  readonly narrowing?: Narrowing;
  readonly fix?: Fix;
};

type More = Pick<Silencer, 'alone' | 'end' | 'family'>;

/** Silencers of the same languages and places, as `words, reach, example` and what else is to be said. */
export function silencers(
  languages: string | null,
  where: Silencer['where'],
  rows: readonly (readonly [words: string, reach: Reach, example: string, more?: More])[],
): Silencer[] {
  return rows.map(([words, reach, example, more]) => ({
    languages: languages?.split(' ') ?? null,
    where,
    words,
    reach,
    example,
    ...more,
  }));
}
