import { posix } from 'node:path';
import type { Evidence, Found, Tree } from '../define.ts';
import { inside } from './tree.ts';

/** Folders whose manifests are there to be looked at, copied or tested, and are no projects of their own. */
const samples =
  /^(examples?|samples?|demos?|templates?|template-.*|.*-templates?|fixtures?|__.+__|test-?data|docs?|documentation|website|(.*-)?playgrounds?|vendor(ed)?|vendor-bin|third[-_]party|external|test-?projects?|scaffold(s|ing)?|skeletons?|bench(es|mark|marks)?|fuzz(ing)?|e2e|tests?|specs?|snippets|tutorials?)$/i;

export function isSampleFolder(folder: string): boolean {
  return folder.split('/').some((name) => samples.test(name));
}

/** Files by which a folder shows that it is installed and built on its own. */
const ownLocks =
  /^(package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?|uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|Cargo\.lock|go\.sum|composer\.lock|Gemfile\.lock|gradlew|mvnw|packages\.lock\.json|Package\.resolved)$/;

/** Something that a unit found, and why it is not run; null when it is. */
type Placed = { readonly unit: string; readonly found: Found; readonly off: string | null };

/**
 * Says which of the found folders are run. One inside another project is only listed unless CI names it or it stands
 * on its own; examples, templates, fixtures and documentation are only listed unless CI names them.
 */
export function placed(all: readonly { unit: string; found: Found }[], tree: Tree, evidence: Evidence): Placed[] {
  const decided = all.map(
    ({ unit, found }): Placed => ({ unit, found, off: whyOff(unit, found, all, { tree, evidence }) }),
  );
  // A repository of nothing but examples is about its examples.
  return decided.some(({ off }) => off === null) ? decided : decided.map((one) => ({ ...one, off: null }));
}

type Seen = { readonly tree: Tree; readonly evidence: Evidence };

function whyOff(
  unit: string,
  { path, steps }: Found,
  all: readonly { unit: string; found: Found }[],
  { tree, evidence }: Seen,
): string | null {
  if (path === '.' || unit === 'shell' || unit === 'root') return null;
  const isSample = isSampleFolder(path);
  // CI may build pages out of a folder of documentation: only what it checks there is a project's check.
  if (evidence.names(path) !== null && (!isSample || runsTools(path, steps, evidence))) return null;
  const outer = all.filter(({ found }) => found.path !== path && inside(path, found.path) && found.steps.length > 0);
  if (isSample) return `${path} is an example, a test or documentation by its name, and no CI file checks it`;
  if (outer.length === 0) return null;
  const isLocked = tree.files.some((file) => posix.dirname(file) === path && ownLocks.test(posix.basename(file)));
  if (isLocked) return null;
  const same = outer.find((one) => one.unit === unit);
  const holder = same ?? outer[0];
  if (same === undefined && !evidence.hasCi) return null;
  return `it lies inside ${holder?.found.path === '.' ? 'the root project' : holder?.found.path}, has no lock file, and no CI file names it`;
}

/** Whether a gate runs one of a project's tools in its folder, or names the folder to one. */
function runsTools(path: string, steps: Found['steps'], { runs }: Evidence): boolean {
  const tools = steps
    .flatMap(({ ways }) => ways.flatMap((one) => one.tools))
    .map((tool) => tool.split(' >= ')[0] ?? '');
  const programs = new Set(tools.flatMap((tool) => [tool, tool.split(' ').at(-1) ?? '', tool.split('-')[0] ?? '']));
  return runs.some(
    ({ words, folder, gate }) =>
      gate &&
      programs.has((words[0] ?? '').replace(/^.*\//, '')) &&
      (inside(folder, path) ||
        words.some((word) =>
          word
            .replace(/^--?[\w-]+=/, '')
            .replace(/^\.\//, '')
            .startsWith(path),
        )),
  );
}
