import type { Detected, Problem, Skipped } from '../../../recipes/detection/detect.ts';
import type { UnknownCheck } from '../../../recipes/evidence/unknown-checks.ts';
import type { AskedVersion } from '../../../recipes/toolchains/asked-versions.ts';
import type { ProjectInput } from './project-document.ts';

/** A project as detection proposes it, with what is found and why not all of it runs. */
export type DetectedProject = {
  /** What is registered, or stands in `.crafting-table.json`: the folders that are off are listed with `"enabled": false`. */
  readonly document: ProjectInput;
  readonly off: { path: string; language: string; why: string }[];
  /** Tools that this machine has not. */
  readonly missing: Skipped[];
  /** Files and folders that could not be read: what they say is not in the document. */
  readonly problems: Problem[];
  /** Checks of CI with tools of which nothing is known here: no recipe runs them. */
  readonly unknown: UnknownCheck[];
  /** The versions that the repository asks for, and what this machine has of them. */
  readonly toolchains: AskedVersion[];
  /** False when only the upper part of a very large repository was looked at. */
  readonly complete: boolean;
};

type Place = { readonly name: string; readonly git_url: string; readonly default_branch: string };

/** Makes the document of a project out of what was found in its repository. */
export function detectedDocument(
  place: Place,
  { subprojects, off, skipped, problems, unknown, toolchains, complete }: Detected,
): DetectedProject {
  return {
    document: { ...place, subprojects: [...subprojects, ...off.map(({ subproject }) => subproject)] },
    off: off.map(({ path, language, why }) => ({ path, language, why })),
    missing: skipped,
    problems,
    unknown,
    toolchains,
    complete,
  };
}

/** A name for the project of a repository: the last part of its address, as a name may be written. */
export function projectNameOf(address: string): string {
  const last =
    address
      .replace(/[?#].*$/, '')
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split(/[/:]/)
      .at(-1) ?? '';
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return name.slice(0, 64) || 'project';
}
