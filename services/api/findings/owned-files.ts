import type { ProjectDoc } from '../../../projections/projects/projects.ts';
import {
  type CompiledRule,
  compileOwners,
  ownerFiles,
  ownersOf,
  readCodeOwners,
} from '../../findings/rules/code-owners.ts';
import type { View } from '../answers/ready-answer.ts';
import type { Caller } from '../authenticate.ts';
import type { ApiDeps } from '../define.ts';
import { ownProject } from '../projects/project-routes.ts';
import { filesAt } from './project-sources.ts';

const mostBytes = 512 * 1024;
const mostFiles = 20_000;
/** Rules by commit: one that is there never changes. */
const kept = new Map<string, { file: string | null; rules: CompiledRule[] }>();

/** The rules of a project at the commit that was judged last, and the file that they stand in; none where there is none. */
export async function ownerRules(project: ProjectDoc, deps: ApiDeps) {
  const sha = deps.models.query().jobs.judgedCommit(project.name);
  if (sha === null) return { sha, file: null, rules: [] };
  const key = `${project.name} ${project.owner} ${sha}`;
  const known = kept.get(key);
  if (known) return { sha, ...known };
  const texts = await filesAt(project, sha, ownerFiles, deps);
  const file = ownerFiles.find((name) => texts.has(name)) ?? null;
  const text = file === null ? '' : (texts.get(file)?.subarray(0, mostBytes).toString('utf8') ?? '');
  const found = { file, rules: compileOwners(readCodeOwners(text)) };
  if (kept.size > 200) kept.clear();
  kept.set(key, found);
  return { sha, ...found };
}

/** The files with findings of a project that belong to one of these. A project that is not the caller's has none. */
export async function filesOwnedBy(
  owners: readonly string[],
  name: string,
  { view, caller }: { view: View; caller: Caller },
  deps: ApiDeps,
): Promise<string[]> {
  const project = ownProject(name, caller, view);
  const { rules } = await ownerRules(project, deps);
  const search = { owner: caller.owner, among: caller.projects, of: { project: [name] } };
  return view.models
    .query()
    .findingSearch.countedBy('file', search, mostFiles)
    .flatMap(({ value }) => {
      if (value === null) return [];
      const of = ownersOf(value, rules)?.owners ?? [];
      return owners.some((one) => (one === 'none' ? of.length === 0 : of.includes(one))) ? [value] : [];
    });
}
