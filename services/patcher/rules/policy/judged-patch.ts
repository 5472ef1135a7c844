import type { PatchMethod } from '../../../../events/project.ts';
import type { ChangedFile } from '../../../floor/changed-file.ts';

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

/** A drafted patch and who drafted it. */
export type Judged = {
  readonly files: readonly ChangedFile[];
  /** `.` or a folder of the repository, such as `clients/python`. */
  readonly subproject: string;
  readonly method: PatchMethod;
  /** The lock files and manifests that method bump may change, relative to the repository or to the subproject. */
  readonly ownedLockFiles?: readonly string[];
  readonly limits?: Partial<Limits>;
};
