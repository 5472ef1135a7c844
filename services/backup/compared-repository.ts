import type { PatchDoc } from '../../projections/patches/patch-document.ts';
import type { ProjectDoc } from '../../projections/projects/projects.ts';

/** The projects of one repository, and every attempt of theirs, newest first. */
export type Repository = {
  readonly url: string;
  readonly projects: readonly ProjectDoc[];
  readonly attempts: readonly PatchDoc[];
};
