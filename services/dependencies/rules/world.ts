/** What is known of the installs of one world of packages. */
export type World = {
  readonly name: string;
  /** Its commands, whole, which read nothing but `files` where `more` says nothing. */
  readonly commands: RegExp;
  readonly files: RegExp;
  /** Files that others name, from the root of the tree, or why that cannot be said. */
  readonly named?: (facts: Facts) => Named;
  /** Files that count wherever they lie. */
  readonly anywhere?: RegExp;
  /** Any of them decides the versions; null: nothing is to be decided. */
  readonly locks: RegExp | null;
  /** Commands that decide the versions anew whatever a lock file says. */
  readonly floats?: RegExp;
  /** Why an install depends on more than `files`. */
  readonly more?: (facts: Facts) => string | undefined;
};

export type Named = { readonly paths: readonly string[] } | { readonly why: string };

export type Facts = {
  readonly parts: readonly string[];
  /** The subproject's folder, `.` for the root. */
  readonly subproject: string;
  /** The files of the tree that lie in the subproject or right above it. */
  readonly near: readonly string[];
  readonly all: ReadonlySet<string>;
  readonly text: (path: string) => string;
};

export const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
export const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');

/** Letters written by their numbers, and texts of several lines as a path: no pattern sees what they say. */
export const hidden = /\\u00[2-7]|\\U000000[2-7]|path["']?\s*=\s*(?:"""|''')/;

/** The texts of the near files with these names. */
export function textsOf({ near, text }: Facts, names: RegExp): string[] {
  return near.filter((path) => names.test(nameOf(path))).map(text);
}

/** Whether a manifest above the subproject may make it one of several that share an install. */
export function isMember({ near, text, subproject }: Facts, names: RegExp, marks: RegExp): boolean {
  if (subproject === '.') return false;
  return near.some((path) => !path.startsWith(`${subproject}/`) && names.test(nameOf(path)) && marks.test(text(path)));
}
