/** How a path differs between two trees. */
const fileStatuses = ['added', 'modified', 'deleted', 'renamed', 'type_changed'] as const;
export type FileStatus = (typeof fileStatuses)[number];

/** One file of a patch, with both of its contents. */
export type ChangedFile = {
  /** The path in the patched tree; of a deleted file, the path that it had. Relative to the repository's root. */
  readonly path: string;
  /** The path in the base tree; null when the file is new. */
  readonly oldPath: string | null;
  readonly status: FileStatus;
  /** Modes as git writes them (`100644`, `100755`, `120000` a symbolic link, `160000` a submodule); null when not there. */
  readonly oldMode: string | null;
  readonly newMode: string | null;
  readonly binary: boolean;
  /** The whole text; null when there is none, or when the file is binary. */
  readonly before: string | null;
  readonly after: string | null;
  /** Lines. */
  readonly added: number;
  readonly removed: number;
};

/** A tree that differs from a commit. `diff` is git's, with full object ids, and applies to that commit exactly. */
export type Patch = { readonly diff: string; readonly files: readonly ChangedFile[] };

/** What somebody wants to change, in one of two forms. Contents are whole files; null takes a file away. */
export type Change =
  | { readonly form: 'diff'; readonly diff: string }
  | { readonly form: 'files'; readonly files: ReadonlyMap<string, string | null> };
