import { posix } from 'node:path';
import { shellWord } from '../../../../recipes/shell-word.ts';
import type { BumpContext, BumpEcosystem, BumpFinding, BumpPlan, Home, HomePlan } from './define.ts';
import { none } from './define.ts';
import { bumpEcosystems } from './registry.ts';
import { namedVersions, sufficientVersion } from './sufficient-version.ts';

/** Files by which a folder is known to belong to a package manager that is not here. */
const foreign =
  /^(yarn\.lock|bun\.lockb?|[\w.-]{1,100}\.(?:cs|fs|vb)proj|packages\.lock\.json|pom\.xml|build\.gradle(?:\.kts)?)$/;

/**
 * How to raise the package of a finding of kind cve to the smallest version that is fixed. `siblings` are the other open
 * findings about the same package; those of the same installed version are mended along with it if they can be.
 */
export function planBump(finding: BumpFinding, siblings: readonly BumpFinding[], context: BumpContext): BumpPlan {
  const { package: named, fixed_version: fix } = finding;
  if (named === null) return none('the finding names no package');
  if (fix === null) return none('the tool names no version in which it is fixed');
  const folder = homeOf(finding, context);
  if (folder === null) return none('the file of the finding lies outside of its subproject');
  const home = homeAt(folder, context);
  const ecosystem = ecosystemOf(finding, context, home);
  if (typeof ecosystem === 'string') return none(ecosystem);
  const { order } = ecosystem;
  const name = ecosystem.packageName(named);
  if (name === null) return none(`the name of the package is none that ${ecosystem.name} knows`);
  const fixes = namedVersions(fix, order);
  if (fixes.length === 0) return none('the version in which it is fixed is not one that can be gone to');
  const from = installedVersion(finding, fixes, { ecosystem, name, home });
  if (from === null) return none('the installed version is not one that can be compared');
  const others = siblings.filter((one) => one !== finding && isSibling(one, finding));
  const known = others.map((one) => namedVersions(one.fixed_version ?? '', order));
  const target = sufficientVersion(fixes, known, from ?? null, order);
  if (target === null) return none(`${from ?? 'the installed version'} is already newer than the fix`);
  const { to } = target;
  const plan = ecosystem.plan({ name, from: from ?? null, to, home });
  const left = known.length - known.filter((one) => one.length > 0).length + target.others.of - target.others.mended;
  return inRepository(plan, {
    ecosystem,
    folder,
    subproject: finding.subproject,
    to,
    left,
    moves: movesOf(name, from, to),
  });
}

function movesOf(name: string, from: string | undefined, to: string): string {
  return `${from === undefined ? name : `${name} ${from}`} is vulnerable; ${to} is the smallest version that will do.`;
}

/** The folder of the manifest: that of the finding's file if it is one of the files, else the subproject. */
function homeOf({ file, subproject }: BumpFinding, { files }: BumpContext): string | null {
  const folder = file !== null && files.has(file) ? posix.dirname(file) : posix.normalize(subproject);
  const inside = subproject === '.' || folder === subproject || folder.startsWith(`${subproject}/`);
  return inside && !folder.startsWith('..') ? folder : null;
}

function homeAt(folder: string, { files }: BumpContext): Home {
  const start = folder === '.' ? '' : `${folder}/`;
  const names = [...files.keys()].filter((path) => path.startsWith(start)).map((path) => path.slice(start.length));
  return { names, text: (name) => files.get(`${start}${name}`) };
}

/** By the tool that found it, else by the file that it found it in, else by the language. Or why there is none. */
function ecosystemOf({ tool, file }: BumpFinding, { language }: BumpContext, home: Home): BumpEcosystem | string {
  const hasFiles = (one: BumpEcosystem) => home.names.some((name) => one.knownBy.test(name));
  const byTool = bumpEcosystems.filter((one) => one.auditors.includes(tool));
  const byFile = bumpEcosystems.filter((one) => file !== null && one.knownBy.test(posix.basename(file)));
  const byLanguage = bumpEcosystems.filter((one) => one.languages.includes(language));
  const [some = []] = [byTool, byFile, byLanguage].filter((one) => one.length > 0);
  const [only, ...more] = some.filter(hasFiles);
  if (only !== undefined) return more.length === 0 ? only : `there are files of ${only.name} and of ${more[0]?.name}`;
  const other = home.names.find((name) => foreign.test(name));
  if (other !== undefined) return `${other} belongs to a package manager that is not supported`;
  const manifestOnly = some.find((one) => one.name === 'npm' && home.text('package.json') !== undefined);
  return manifestOnly ?? 'there is no manifest or lock file of a package manager that is supported';
}

/** What is to go: as the finding says, else the newest of what the files hold that is not fixed; undefined for not known, null for unusable. */
function installedVersion(
  { installed_version: told }: BumpFinding,
  fixes: readonly string[],
  { ecosystem, name, home }: { ecosystem: BumpEcosystem; name: string; home: Home },
): string | null | undefined {
  if (told !== null) return ecosystem.order.read(told);
  const last = fixes.at(-1) ?? '';
  const held = ecosystem.installed(name, home).toSorted(ecosystem.order.compare);
  return held.findLast((version) => ecosystem.order.compare(version, last) < 0);
}

function isSibling(one: BumpFinding, finding: BumpFinding): boolean {
  return (
    one.package === finding.package &&
    one.subproject === finding.subproject &&
    (one.installed_version === null ||
      finding.installed_version === null ||
      one.installed_version === finding.installed_version)
  );
}

type Where = {
  readonly ecosystem: BumpEcosystem;
  readonly folder: string;
  readonly subproject: string;
  readonly to: string;
  /** Advisories of the package that the version does not mend. */
  readonly left: number;
  readonly moves: string;
};

/** The plan with paths from the root, and its command in the folder of the subproject. */
function inRepository(plan: HomePlan, { ecosystem, folder, subproject, to, left, moves }: Where): BumpPlan {
  if (plan.kind === 'none') return plan;
  const path = (name: string) => posix.join(folder, name);
  const files = new Map([...(plan.files ?? [])].map(([name, text]) => [path(name), text]));
  const stays =
    left === 0 ? '' : ` ${left} other ${left === 1 ? 'advisory' : 'advisories'} of it would take another version.`;
  const explanation = `${moves} ${plan.note}${stays}`;
  if (plan.kind === 'edit') return { kind: 'edit', files, to, owned: [...files.keys()], explanation };
  const below = folder === subproject ? '' : subproject === '.' ? folder : folder.slice(subproject.length + 1);
  return {
    kind: 'command',
    command: below === '' ? plan.command : `cd ${shellWord(below)} && ${plan.command}`,
    toolNeeded: ecosystem.toolNeeded,
    files,
    to,
    owned: plan.owned.map(path),
    explanation,
  };
}
