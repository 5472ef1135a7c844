import { type Facts, isMember, textsOf } from './world.ts';

const folder = 'a package.json names a folder as a package';
const hooks = /"(?:(?:pre|post)?(?:install|prepare)|prepublish)"\s*:/;
const sections = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
  'pnpm',
];

/** Why an install of a JavaScript package manager reads more than its manifests, lock files and settings. */
export function javascriptReads(facts: Facts): string | undefined {
  const { parts } = facts;
  const manifests = textsOf(facts, /^package\.json$/);
  if (manifests.some((one) => /:\s*"(?:file|link|portal):/.test(one) || /"injected"\s*:/.test(one))) return folder;
  for (const one of manifests) {
    const versions = one.trim() === '' ? [] : versionsOf(one);
    if (versions === null) return 'a package.json is not JSON';
    if (
      versions.some((version) =>
        /^(?:\.|\/|~\/|[a-z]:\\|file:|link:|portal:|exec:)|^patch:.*#(?!\.?\/?\.yarn\/)/i.test(version),
      )
    )
      return folder;
  }
  if (manifests.some((one) => /"workspaces"[^\]]*"\.\.\//.test(one))) return folder;
  const workspace = /"workspaces"|"lerna"|packages/;
  if (isMember(facts, /^(?:package\.json|pnpm-workspace\.yaml|lerna\.json)$/, workspace))
    return 'it may belong to a workspace above it';
  if (facts.subproject !== '.' && manifests.some((one) => /"workspace:/.test(one))) return folder;
  if (textsOf(facts, /^pnpm-workspace\.yaml$/).some((one) => /file:|link:|\.\.\//.test(one))) return folder;
  if (textsOf(facts, /^(?:package-lock|npm-shrinkwrap)\.json$/).some((one) => /"resolved"\s*:\s*"file:/.test(one)))
    return 'a lock file names a file as a package';
  if (textsOf(facts, /^\.pnpmfile\.c?js$/).length > 0) return 'a .pnpmfile.cjs runs code';
  if (
    textsOf(facts, /^\.yarnrc(?:\.yml)?$/).some((one) =>
      /yarn-?path["']?:?\s+["']?(?!["']?(?:\.\/)?\.yarn\/)|path:\s*["']?(?!\.yarn\/)\.|spec:\s*["']?\./i.test(one),
    )
  )
    return 'a .yarnrc names code that runs';
  const runsScripts = parts.some(
    (part) => /^(?:npm|pnpm|yarn|bun)\b/.test(part) && !/--ignore-scripts|skip-build/.test(part),
  );
  return runsScripts && manifests.some((one) => hooks.test(one))
    ? 'a package.json has a script that installs run'
    : undefined;
}

/** What a manifest asks for of other packages; null where it cannot be read. */
function versionsOf(text: string): string[] | null {
  try {
    const manifest: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (typeof manifest !== 'object' || manifest === null) return null;
    return Object.entries(manifest).flatMap(([name, value]) => (sections.includes(name) ? textsIn(value) : []));
  } catch {
    return null;
  }
}

function textsIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 20) return [];
  return Object.values(value).flatMap((one) => textsIn(one, depth + 1));
}
