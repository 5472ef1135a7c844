import { posix } from 'node:path';
import { machineFlag } from '../parsers/tools/registry.ts';
import {
  type Ecosystem,
  type Evidence,
  type Found,
  foundIn,
  type Step,
  step,
  suggest,
  type Tree,
  type Way,
  way,
} from './define.ts';
import { namedLinters } from './detection/linters.ts';
import { isSampleFolder } from './detection/nesting.ts';
import { isMember, type PackageJson, packageJson } from './detection/package-json.ts';
import { type PackageManager, packageManager } from './detection/package-manager.ts';
import {
  type Chosen,
  type ChosenScripts,
  chosenScripts,
  isRealTest,
  leavesOf,
  scriptsRun,
} from './detection/package-scripts.ts';
import { settingsAbove, settingsHere } from './detection/settings-here.ts';
import { at, foldersWith, inside, ownFiles, uncovered } from './detection/tree.ts';
import { scriptOf } from './evidence/project-evidence.ts';
import { jsonData, objectOf, stringsOf, tableAt } from './evidence/read-data.ts';
import { shellCommands } from './evidence/shell-commands.ts';
import { shellArgument, shellWord } from './shell-word.ts';

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
  eslintCore: `eslint ${machineFlag('eslint')} --no-config-lookup --no-inline-config --no-error-on-unmatched-pattern --ignore-pattern '**/*.min.js' --parser-options 'ecmaFeatures:{jsx:true}' --rule '{${surelyWrong.map((rule) => `"${rule}":2`).join(',')}}' .`,
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
  suggested: ['javascript', 'typescript'].flatMap((language) =>
    suggest(language, [
      ['test', 'npm', 'npm test'],
      ['test', 'node', `node --test ${machineFlag('node-test')}`],
      ['lint', 'eslint', commands.eslint],
      ['build', 'tsc', commands.tsc],
      ['audit', 'npm', `npm audit ${machineFlag('npm-audit')}`],
    ]),
  ),
  find(tree, evidence) {
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
      const isCovered = packages.some((outer) => outer !== path && inside(path, outer));
      const members = all.flatMap((inner) =>
        inner !== path && isWorkspace(path, inner) ? (manifests.get(inner) ?? []) : [],
      );
      const dependencies = new Set([manifest, ...members].flatMap((one) => [...one.dependencies]));
      return describe({
        path,
        manifest,
        members,
        manager: managerOf(path, packages, manifests, tree),
        files,
        isCovered,
        around: aroundOf(path, packages, manifests, tree),
        dependencies,
        isTypeScript: files.some((file) => /(^|\/)tsconfig\.json$/.test(file) || /(?<!\.d)\.[cm]?tsx?$/.test(file)),
        scripts: chosenScripts(path, manifest, evidence),
        tree,
        evidence,
      });
    });
  },
};

const lockFiles = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock', 'bun.lockb'];

/** The package's own; without a lock file in another package, that of the repository around it, whose people use no other. */
function managerOf(
  path: string,
  packages: readonly string[],
  manifests: ReadonlyMap<string, PackageJson>,
  tree: Tree,
): PackageManager {
  const of = (folder: string) =>
    packageManager((file) => tree.files.includes(at(folder, file)), manifests.get(folder)?.packageManager ?? '');
  const own = of(path);
  const outer = packages.findLast((one) => one !== path && inside(path, one));
  const saysItself =
    lockFiles.some((file) => tree.files.includes(at(path, file))) || manifests.get(path)?.packageManager !== '';
  const around = outer === undefined || saysItself ? null : of(outer);
  return around?.aside === undefined ? own : { ...around, install: around.aside };
}

function aroundOf(
  path: string,
  packages: readonly string[],
  manifests: ReadonlyMap<string, PackageJson>,
  tree: Tree,
): Project['around'] {
  const outer = packages.findLast((one) => one !== path && inside(path, one));
  const manifest = outer === undefined ? undefined : manifests.get(outer);
  if (outer === undefined || !manifest || manifest.dependencies.size === 0) return null;
  const { install } = packageManager((file) => tree.files.includes(at(outer, file)), manifest.packageManager);
  return { up: posix.relative(path, outer), install };
}

type Project = {
  readonly path: string;
  readonly manifest: PackageJson;
  readonly members: readonly PackageJson[];
  readonly manager: PackageManager;
  readonly files: readonly string[];
  readonly isCovered: boolean;
  /** The package around it, whose configuration and sources it uses: it is installed first. */
  readonly around: { readonly up: string; readonly install: string } | null;
  readonly dependencies: ReadonlySet<string>;
  readonly isTypeScript: boolean;
  readonly scripts: ChosenScripts;
  readonly tree: Tree;
  readonly evidence: Evidence;
};

function describe(project: Project): Found {
  const { path, manager, dependencies, isTypeScript } = project;
  const lints = lintSteps(project);
  const audit =
    dependencies.size > 0 ? [foundIn(step('audit', [manager.tool], manager.audit), at(path, 'package.json'))] : [];
  return {
    path,
    language: isTypeScript ? 'typescript' : 'javascript',
    steps: [...buildSteps(project), ...testSteps(project), ...lints, ...tscSteps(project), ...audit],
    timeout_secs: 900,
  };
}

/** What is to be done before a command: nothing, an installation, or that and a build of what it imports. */
function before(project: Project, isBuilt: boolean): Pick<Way, 'prepare' | 'first'> {
  const { dependencies, manager, members, manifest, scripts, around } = project;
  const install = around === null ? manager.install : `(cd ${around.up} && ${around.install}) && ${manager.install}`;
  const isOwn = manifest.scripts['build'] !== undefined;
  const needsBuild = isBuilt && (isOwn || members.some(hasBuild)) && (scripts.buildsFirst || membersImport(members));
  return {
    ...(dependencies.size > 0 ? { prepare: install } : {}),
    ...(needsBuild ? { first: isOwn ? manager.run('build') : manager.buildAll } : {}),
  };
}

/** Whether a script goes through a runner of tasks that builds first what the task depends on. */
function buildsItself({ path, tree }: Project, script: string): boolean {
  return shellCommands(script).some(({ words: [program = '', first = '', second = ''] }) => {
    const task = /^(run|run-many|affected)$/.test(first) ? second : first;
    if (program === 'turbo') {
      const data = jsonData(tree.text(at(path, 'turbo.json')));
      return asksForBuild(objectOf(objectOf(data['tasks'] ?? data['pipeline'])[task])['dependsOn']);
    }
    const name = /(?:^|\s)(?:-t|--targets?)[= ]([\w:-]+)/.exec(script)?.[1] ?? task;
    const targets = tableAt(jsonData(tree.text(at(path, 'nx.json'))), 'targetDefaults');
    return program === 'nx' && asksForBuild(objectOf(targets[name])['dependsOn']);
  });
}

function asksForBuild(dependsOn: unknown): boolean {
  return stringsOf(dependsOn).some((one) => /^\^?build$/.test(one));
}

function hasBuild({ scripts }: PackageJson): boolean {
  return scripts['build'] !== undefined;
}

/** Whether members of a workspace are built and import each other: then nothing of them works before a build. */
function membersImport(members: readonly PackageJson[]): boolean {
  const names = new Set(members.filter(hasBuild).map(({ name }) => name));
  return members.some(({ dependencies }) => [...dependencies].some((one) => names.has(one)));
}

function scriptStep(project: Project, recipe: 'build' | 'test' | 'lint', { name, found }: Chosen): Step {
  const { manager, manifest } = project;
  const script = manifest.scripts[name] ?? '';
  const needs = before(project, recipe !== 'build' && !buildsItself(project, script));
  // Node's own runner on its own: asked for TAP, which is the same under every version and without a terminal.
  const isNodeTest =
    recipe === 'test' && /^node --test(?: [^;&|<>`$\n]*)?$/.test(script) && !script.includes('--test-reporter');
  if (!isNodeTest) {
    const command = name === 'test' ? manager.test : manager.run(name);
    return foundIn({ recipe, ways: [{ tools: [manager.tool], command, ...needs }] }, found);
  }
  const command = script.replace('node --test', `node --test ${machineFlag('node-test')}`);
  const tools = needs.prepare === undefined && needs.first === undefined ? ['node'] : ['node', manager.tool];
  return foundIn({ recipe, ways: [{ tools, command, ...needs }] }, found);
}

function buildSteps(project: Project): Step[] {
  const { scripts, members, manager, path } = project;
  if (scripts.build.length > 0) return scripts.build.map((one) => scriptStep(project, 'build', one));
  if (!members.some(hasBuild)) return [];
  return [
    foundIn(
      { recipe: 'build', ways: [{ tools: [manager.tool], command: manager.buildAll, ...before(project, false) }] },
      at(path, 'package.json'),
    ),
  ];
}

function testSteps(project: Project): Step[] {
  const started = startedTests(project);
  const own = scriptTests(project);
  return [...own, ...started];
}

const runners: readonly (readonly [start: RegExp, name: string])[] = [
  [/^playwright test\b/, '@playwright/test'],
  [/^cypress run\b/, 'cypress'],
  [/^(vitest|jest|mocha|ava|tap)\b/, ''],
];

/** Runners of tests that CI starts itself, where no script that is a recipe comes to them: `yarn playwright test`. */
function startedTests(project: Project): Step[] {
  const { evidence, path, dependencies, manifest, scripts } = project;
  const inScripts = new Set(
    scripts.test.flatMap(({ name }) => leavesOf(name, manifest.scripts).map(([first]) => first)),
  );
  const found = new Map<string, string>();
  for (const { words, folder, gate, where } of evidence.runs) {
    const runner = runners.find(([start]) => start.test(words.join(' ')));
    const [program = ''] = words;
    if (!gate || folder !== path || where.includes('package.json: ') || runner === undefined) continue;
    if (!inScripts.has(program) && dependencies.has(runner[1] || program) && found.size < 4)
      found.set(words.map(shellArgument).join(' '), where);
  }
  return [...found].map(([text, where]) => {
    const isPlaywright = text.startsWith('playwright ');
    const command = isPlaywright && !/--reporter/.test(text) ? `${text} --reporter=list` : text;
    // Its browsers come into the package's own folder, and not into the home of whoever runs it.
    const inside = 'PLAYWRIGHT_BROWSERS_PATH=0 ';
    const whole = isPlaywright
      ? `${inside}${own('playwright install')} > /dev/null && ${inside}${own(command)}`
      : own(command);
    return foundIn(
      { recipe: 'test', ways: [{ tools: [project.manager.tool], command: whole, ...before(project, false) }] },
      where,
    );
  });
}

function scriptTests(project: Project): Step[] {
  const { scripts, members, manager, path } = project;
  if (scripts.test.length > 0) {
    const own = scripts.test.map((one) => scriptStep(project, 'test', one));
    // Where CI runs the members' tests beside those of the root, they are others.
    const where = runsMembers(project, 'test');
    const all = where === null ? null : membersScript(project, 'test');
    return all === null || where === null ? own : [...own, foundIn(all, where)];
  }
  if (!members.some((member) => isRealTest(member.scripts['test']))) return [];
  return [
    foundIn(
      { recipe: 'test', ways: [{ tools: [manager.tool], command: manager.testAll, ...before(project, true) }] },
      at(path, 'package.json'),
    ),
  ];
}

/** A script of every member that has it, where one has. */
function membersScript(project: Project, recipe: 'lint' | 'test'): Step | null {
  const { members, manager, path } = project;
  if (!members.some(({ scripts }) => isRealTest(scripts[recipe]))) return null;
  const command = recipe === 'test' ? manager.testAll : manager.runAll(recipe);
  return foundIn(
    { recipe, ways: [{ tools: [manager.tool], command, ...before(project, recipe === 'test') }] },
    at(path, 'package.json'),
  );
}

/** Where CI runs a script of all members, or of some by their names; null when it does not. */
function runsMembers({ evidence, path }: Project, script: string): string | null {
  const run = evidence.runs.find(
    ({ words, gate, folder, where }) =>
      gate &&
      folder === path &&
      !where.includes('package.json: ') &&
      /^(npm|pnpm|yarn|bun)$/.test(words[0] ?? '') &&
      words.some((word) =>
        /^(-r|--recursive|--workspaces|-ws|--workspace(=.*)?|-w|--filter(=.*)?|-F|workspaces?)$/.test(word),
      ) &&
      (scriptOf(words) === script || words.includes(script)),
  );
  return run?.where ?? null;
}

/** A tool that the package may bring along, else the farm's; with what the sources import beside it. */
function checkStep(
  project: Project,
  { tool, name, command, found }: { tool: string; name: string; command: string; found: string },
  isBuilt = false,
): Step {
  const { dependencies, manager } = project;
  const needs = before(project, isBuilt);
  const configured = tool;
  if (needs.prepare === undefined) return { recipe: 'lint', ways: [way([tool], command)], found, configured };
  const tools = dependencies.has(name) ? [manager.tool] : [tool, manager.tool];
  return { recipe: 'lint', ways: [{ tools, command: own(command), ...needs }], found, configured };
}

const npmNames: Readonly<Record<string, string>> = {
  biome: '@biomejs/biome',
  'markdownlint-cli2': 'markdownlint-cli2',
};
const readable = /^(eslint|prettier|biome|oxlint|stylelint|knip|tsc|vue-tsc|markdownlint(-cli2)?)$/;

function lintSteps(project: Project): Step[] {
  const { path, files, isCovered, manifest, scripts, tree, evidence, dependencies } = project;
  const steps: Step[] = [];
  const seen = new Set<string>();
  const add = (tool: string, command: string, found: string) => {
    seen.add(tool);
    // A compiler reads what the packages of a workspace say of their types, which their builds write.
    const isBuilt = scripts.buildsFirst && /^(vue-)?tsc$/.test(tool);
    steps.push(checkStep(project, { tool, name: npmNames[tool] ?? tool, command, found }, isBuilt));
  };
  for (const script of scripts.lint) {
    const leaves = leavesOf(script.name, manifest.scripts);
    const exact = leaves.map((words) => exactCommand(words));
    const isKnown =
      leaves.length > 0 &&
      exact.every((command) => command !== null) &&
      leaves.every(([tool = '']) => dependencies.has(npmNames[tool] ?? tool) || tool !== 'tsc');
    if (isKnown && leaves.every(([tool = '']) => readable.test(tool))) {
      for (const [at, words] of leaves.entries()) add(words[0] ?? '', exact[at] ?? '', `${script.found}`);
    } else {
      for (const [tool = ''] of leaves) seen.add(tool);
      steps.push(scriptStep(project, 'lint', script));
    }
  }
  const settings = (isCovered ? settingsHere : settingsAbove)('eslint', path, tree);
  const legacy = settings !== null && /eslintrc|package\.json/.test(settings);
  if (settings !== null && !seen.has('eslint') && (!legacy || dependencies.has('eslint')))
    add('eslint', commands.eslint, settings);
  for (const { linter, command, found } of namedLinters('javascript', { folder: path, isCovered }, tree, evidence))
    if (!seen.has(linter.program)) add(linter.program, command, found);
  const isDeno = ['deno.json', 'deno.jsonc'].some((name) => tree.files.includes(at(path, name)));
  if (steps.length > 0 || isDeno) return steps;
  const all = membersScript(project, 'lint');
  if (all !== null) return [all];
  // They configure themselves, and run in a script of the package that is a recipe already.
  const own = /(^|[\s&|;])(xo|standard|ts-standard|semistandard)(?=$|[\s&|;])/;
  if (Object.values(manifest.scripts).some((script) => own.test(script))) return [];
  // Core rules need nothing of the package, and so no installation either.
  const sources = files.some(
    (file) => /\.[cm]?js$/.test(file) && !isSampleFolder(file.split('/').slice(0, -1).join('/')),
  );
  return sources && !isCovered ? [step('lint', ['eslint'], commands.eslintCore)] : [];
}

/** A command of a script with the flags that the parsers read, and without those that mend or hide; null for an unknown one. */
function exactCommand(words: readonly string[]): string | null {
  const [tool = ''] = words;
  if (tool === 'eslint' || tool === 'stylelint' || tool === 'oxlint') {
    const kept = words
      .slice(1)
      .filter(
        (word, at, all) =>
          !/^(--fix|--cache|--quiet|--color|--no-color|-f|--format|--formatter)$/.test(word) &&
          !/^(-f|--format|--formatter)$/.test(all[at - 1] ?? '') &&
          !/^--(format|cache-location|formatter)=/.test(word),
      );
    return [tool, machineFlag(tool), ...kept.map(shellArgument)].join(' ');
  }
  if (tool === 'tsc' || tool === 'vue-tsc')
    return [tool, ...words.slice(1).map(shellArgument), machineFlag('tsc')].join(' ');
  if (!readable.test(tool)) return null;
  const mends = words.some((word) => /^(--write|--fix|-w|--apply)$/.test(word));
  return mends ? null : words.map(shellArgument).join(' ');
}

function tscSteps(project: Project): Step[] {
  const { manifest, members, files, scripts, path, tree, evidence } = project;
  const configs = files.filter((file) => /(^|\/)tsconfig\.json$/.test(file));
  const isRun = [manifest, ...members].some((one) => scriptsRun(/^(tsc|vue-tsc|tsup|tsgo|tsdown|unbuild)$/, one));
  if (configs.length === 0 || isRun) return [];
  // Members that are built are checked as they are; what CI never calls at the root is for editors.
  if (evidence.hasCi && evidence.run('tsc') === null && members.some(hasBuild)) return [];
  // For a package that is not built, the compiler's word is what a build would say.
  const recipe = scripts.build.length === 0 && !members.some(hasBuild) ? 'build' : 'lint';
  const check = (command: string, config: string): Step => {
    const one = checkStep(project, { tool: 'tsc', name: 'typescript', command, found: at(path, config) });
    return { ...one, recipe };
  };
  const hasReferences = /"references"\s*:/.test(tree.text(at(path, 'tsconfig.json')));
  if (configs.includes('tsconfig.json'))
    return [check(hasReferences ? commands.tscReferences : commands.tsc, 'tsconfig.json')];
  // Beside CI files that never call it, a compiler configuration of a folder is for editors and tests.
  if (evidence.hasCi || members.length > 0) return [];
  return configs.slice(0, mostConfigs).map((config) => check(`${commands.tsc} -p ${shellWord(config)}`, config));
}
