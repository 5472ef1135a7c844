import type { PatchMethod } from '../../../../../events/projects/project.ts';
import type { ChangedFile } from '../../../../floor/changed-file.ts';
import type { RunnerSettings } from '../../roles/define.ts';

/** How much a patch may hold. */
export type Limits = {
  readonly files: number;
  /** Added and removed lines; those of files that a bump owns do not count. */
  readonly lines: number;
  /** Characters of one file, before or after. */
  readonly bytes: number;
  /** The same for a file that a bump owns. */
  readonly ownedBytes: number;
};

export const limits: Limits = { files: 20, lines: 600, bytes: 1024 * 1024, ownedBytes: 16 * 1024 * 1024 };

/** What a patch is to mend. `kind` as findings have it: `lint`, `type_check`, `test_fail`, `cve` ... */
export type FoundAt = {
  readonly file: string | null;
  readonly line: number | null;
  readonly code: string | null;
  readonly kind: string;
  readonly message?: string;
};

/** A drafted patch and who drafted it. */
export type Judged = {
  readonly files: readonly ChangedFile[];
  /** `.` or a folder of the repository, such as `clients/python`. */
  readonly subproject: string;
  readonly method: PatchMethod;
  /** The lock files and manifests that method bump may change, relative to the repository or to the subproject. */
  readonly ownedLockFiles?: readonly string[];
  /** What it is to mend; absent: any file may be where the finding lies. */
  readonly findings?: readonly FoundAt[];
  /** What the runners' settings at the base commit say about paths. */
  readonly settings?: RunnerSettings;
  readonly limits?: Partial<Limits>;
};
