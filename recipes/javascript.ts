import { posix } from 'node:path';
import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Found, type Step, step, suggest } from './define.ts';
import { isMember, type PackageJson, packageJson } from './detection/package-json.ts';
import { type PackageManager, packageManager } from './detection/package-manager.ts';
import { at, foldersWith, inside, ownFiles, uncovered } from './detection/tree.ts';
import { shellWord } from './shell-word.ts';

// For packages without a configuration: what is wrong in any code, of whatever taste. Comments of the source are not
// obeyed, because they name rules of plug-ins that are not there.
const surelyWrong = [
  'constructor-super',
  'for-direction',
  'getter-return',
  'no-class-assign',
  'no-compare-neg-zero',
  'no-const-assign',
  'no-dupe-args',
  'no-dupe-class-members',
  'no-dupe-else-if',
  'no-dupe-keys',
  'no-duplicate-case',
  'no-func-assign',
  'no-import-assign',
  'no-obj-calls',
  'no-self-assign',
  'no-setter-return',
  'no-this-before-super',
  'no-unreachable',
  'no-unsafe-finally',
  'no-unsafe-negation',
  'use-isnan',
  'valid-typeof',
];
const commands = {
  eslint: `eslint ${machineFlag('eslint')} .`,
  eslintCore: `eslint ${machineFlag('eslint')} --no-config-lookup --no-inline-config --no-error-on-unmatched-pattern --parser-options 'ecmaFeatures:{jsx:true}' --rule '{${surelyWrong.map((rule) => `"${rule}":2`).join(',')},"no-unused-vars":1}' .`,
  tsc: `tsc --noEmit ${machineFlag('tsc')}`,
  tscReferences: `tsc -b --noEmit ${machineFlag('tsc')}`,
};
// Where a repository has a compiler configuration in many folders and none at its root.
const mostConfigs = 20;
// A package's own versions come first, where it has any.
const own = (command: string) => `PATH="$PWD/node_modules/.bin:$PATH" ${command}`;

/** npm, pnpm, yarn and bun packages; a workspace root stands for its members. */
export const javascript: Ecosystem = {
  name: 'javascript',
  reads: /^(package\.json|pnpm-workspace\.yaml|tsconfig\.json)$/,
  suggested: ['javascript', 'typescript'].flatMap((language) =>
    suggest(language, [
      ['test', 'npm', 'npm test'],
      ['test', 'node', `node --test ${machineFlag('node-test')}`],
      ['lint', 'eslint', commands.eslint],
      ['build', 'tsc', commands.tsc],
      ['audit', 'npm', `npm audit ${machineFlag('npm-audit')}`],
    ]),
  ),
  find(tree) {
    const all = foldersWith(tree, /^package\.json$/);
    const manifests = new Map(all.map((path) => [path, packageJson(tree, path)]));
    const isWorkspace = (outer: string, inner: string) => {
      const manifest = manifests.get(outer);
      return manifest !== undefined && isMember(manifest, outer, inner);
    };
    const packages = uncovered(all, isWorkspace);
    return packages.map((path) => {
      const manifest = manifests.get(path) ?? packageJson(tree, path);
      const files = ownFiles(tree, path, packages);
      const members = all.flatMap((inner) =>
        inner !== path && isWorkspace(path, inner) ? (manifests.get(inner) ?? []) : [],
      );
      const has = (file: string) => tree.files.includes(at(path, file));
      const project: Project = {
        manifest,
        members,
        manager: packageManager(has, manifest.packageManager),
        files,
        isTypeScript: files.some((file) => /(^|\/)tsconfig\.json$/.test(file) || /(?<!\.d)\.[cm]?tsx?$/.test(file)),
        eslintConfigured: tree.files.some(
          (file) =>
            /(^|\/)eslint\.config\.[cm]?[jt]s$/.test(file) && (inside(file, path) || inside(path, posix.dirname(file))),
        ),
        hasReferences: /"references"\s*:/.test(tree.text(at(path, 'tsconfig.json'))),
      };
      return describe(path, project);
    });
  },
};

type Project = {
  readonly manifest: PackageJson;
  readonly members: readonly PackageJson[];
  readonly manager: PackageManager;
  readonly files: readonly string[];
  readonly isTypeScript: boolean;
  readonly eslintConfigured: boolean;
  readonly hasReferences: boolean;
};

function describe(path: string, project: Project): Found {
  const { manifest, members, manager, isTypeScript } = project;
  const dependencies = new Set([manifest, ...members].flatMap((one) => [...one.dependencies]));
  const installing = dependencies.size > 0;
  const uses = (recipe: 'build' | 'test', command: string, tool = manager.tool): Step =>
    installing
      ? step(recipe, [...new Set([tool, manager.tool])], command, manager.install)
      : step(recipe, [tool], command);
  /** A tool that the package may bring along, else the farm's; with what the sources import beside it. */
  const checks: Checks = (recipe, tool, name, command) => {
    if (!installing) return step(recipe, [tool], command);
    const tools = dependencies.has(name) ? [manager.tool] : [tool, manager.tool];
    return step(recipe, tools, own(command), manager.install);
  };
  return {
    path,
    language: isTypeScript ? 'typescript' : 'javascript',
    steps: [
      ...(manifest.scripts.build === undefined ? [] : [uses('build', manager.run('build'))]),
      ...testSteps(project, uses),
      ...eslintSteps(project, dependencies, checks),
      ...tscSteps(project, checks),
      ...(installing ? [step('audit', [manager.tool], manager.audit)] : []),
    ],
    timeout_secs: 900,
  };
}

type Uses = (recipe: 'build' | 'test', command: string, tool?: string) => Step;
type Checks = (recipe: 'build' | 'lint', tool: string, name: string, command: string) => Step;

/** What `npm init` writes is no test. */
function isRealTest(script: string | undefined): script is string {
  return script !== undefined && !/no test specified/.test(script);
}

function testSteps({ manifest, members, manager }: Project, uses: Uses): Step[] {
  const script = manifest.scripts.test;
  // Node's own runner on its own: asked for TAP, which is the same under every version and without a terminal.
  if (isRealTest(script) && /^node --test(?: [^;&|<>`$\n]*)?$/.test(script) && !script.includes('--test-reporter')) {
    return [uses('test', script.replace('node --test', `node --test ${machineFlag('node-test')}`), 'node')];
  }
  if (isRealTest(script)) return [uses('test', manager.test)];
  return members.some((member) => isRealTest(member.scripts.test)) ? [uses('test', manager.testAll)] : [];
}

function eslintSteps({ files, eslintConfigured }: Project, dependencies: ReadonlySet<string>, checks: Checks): Step[] {
  const legacy = files.some((file) => /(^|\/)\.eslintrc(\.\w+)?$/.test(file)) && dependencies.has('eslint');
  if (eslintConfigured || legacy) return [checks('lint', 'eslint', 'eslint', commands.eslint)];
  // Core rules need nothing of the package, and so no installation either.
  return files.some((file) => /\.[cm]?js$/.test(file)) ? [step('lint', ['eslint'], commands.eslintCore)] : [];
}

function tscSteps({ manifest, files, hasReferences }: Project, checks: Checks): Step[] {
  const configs = files.filter((file) => /(^|\/)tsconfig\.json$/.test(file));
  // For a package that is not built, the compiler's word is what a build would say. Apart from the linter it also can
  // be told from the exit code alone that nothing is wrong.
  const recipe = manifest.scripts.build === undefined ? 'build' : 'lint';
  const check = (command: string) => checks(recipe, 'tsc', 'typescript', command);
  if (configs.includes('tsconfig.json')) return [check(hasReferences ? commands.tscReferences : commands.tsc)];
  return configs.slice(0, mostConfigs).map((config) => check(`${commands.tsc} -p ${shellWord(config)}`));
}
