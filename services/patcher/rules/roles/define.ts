/** What a file of a repository is to those who judge its code. */
export const pathRoles = [
  'source',
  'test',
  'fixture',
  'hook',
  'configuration',
  'build_script',
  'manifest',
  'lock',
  'generated',
  'vendored',
  'loaded_by_name',
  'data',
  'documentation',
] as const;
export type PathRole = (typeof pathRoles)[number];

/** The role of a path; `why` is for a person, `by` names the table or the file of settings that says so. */
export type RoleFound = { readonly role: PathRole; readonly why: string; readonly by: string };

/** Names may hold `*` (within a name), `**` (over folders) and `{a,b}`, and count in any folder. Case does not count. */
type RoleRow = readonly [role: PathRole, why: string, names: readonly string[]];

/** What one world of languages calls its files. The first row that takes a path says its role. */
export type RoleTable = {
  readonly name: string;
  /** Endings of its sources, without a dot, separated by spaces. */
  readonly endings: string;
  readonly rows: readonly RoleRow[];
  /** Top-level modules that its runners, tools or standard library go by: a file of that name is loaded in their place. */
  readonly shadows?: string;
  /** What such a module looks like. */
  readonly modules?: RegExp;
};

/** What the runners' own settings at the base commit say about paths. */
export type RunnerSettings = {
  /** Folders of subprojects, `.` for the root: where a program is started, modules are loaded by name. */
  readonly folders: readonly string[];
  /** Globs relative to the root, or whole paths and folders, and which file says so. */
  readonly named: readonly { readonly role: PathRole; readonly glob: string; readonly by: string }[];
  /** Packages that the manifests ask for. */
  readonly dependencies: ReadonlySet<string>;
};

export const noSettings: RunnerSettings = { folders: ['.'], named: [], dependencies: new Set() };

/** Whether a file of this role has a say in whether code is good: its author must not be the one who is judged. */
export function decidesVerdict(role: PathRole): boolean {
  return role !== 'source' && role !== 'documentation';
}
