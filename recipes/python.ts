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
} from './define.ts';
import { machineStep, type Named, namedLinters } from './detection/linters.ts';
import { type PythonProject, pythonProject, requirementFiles } from './detection/python-environment.ts';
import { at, foldersWith, inside, ownFiles } from './detection/tree.ts';
import { stringsOf, tableAt } from './evidence/read-data.ts';
import { shellWord } from './shell-word.ts';

const manifest = /^(pyproject\.toml|setup\.py|setup\.cfg|Pipfile|requirements[\w.-]*\.txt)$/;
const commands = {
  test: `pytest ${machineFlag('pytest')}`,
  ruff: `ruff check ${machineFlag('ruff')} .`,
  mypy: `mypy ${machineFlag('mypy')} .`,
  audit: `pip-audit ${machineFlag('pip-audit')}`,
};
// For projects that configure no linter: what is wrong in any code, of whatever taste.
const surelyWrong: readonly Way[] = [
  { tools: ['ruff'], command: `ruff check ${machineFlag('ruff')} --isolated --select E9,F .` },
  { tools: ['flake8'], command: 'flake8 --isolated --select=E9,F63,F7,F82 --exclude=.venv,.git .' },
];
const own = (command: string) => `PATH="$PWD/.venv/bin:$PATH" ${command}`;
const testFile = /(^|\/)(test_[^/]*|[^/]*_test)\.py$/;

/** Python projects: a folder with a manifest. Its checks run in an environment that is made from its lock file. */
export const python: Ecosystem = {
  name: 'python',
  suggested: suggest('python', [
    ['test', 'pytest', commands.test],
    ['lint', 'ruff', commands.ruff],
    ['lint', 'mypy', commands.mypy],
    ['audit', 'pip-audit', `${commands.audit} -r requirements.txt`],
  ]),
  find(tree, evidence) {
    const projects = foldersWith(tree, manifest).filter((path) => isProject(tree, path));
    if (projects.length === 0) return scripts(tree, evidence);
    return projects.map((path) => {
      const files = ownFiles(tree, path, projects);
      const project = pythonProject(
        files,
        (name) => tree.text(at(path, name)),
        evidence.runs.filter(({ folder }) => folder === path),
      );
      const isCovered = projects.some((outer) => outer !== path && inside(path, outer));
      const place: Place = { path, files, project, isCovered, tree, evidence };
      const steps = [...testSteps(place), ...lintSteps(place), ...auditSteps(place)];
      return { path, language: 'python', steps, timeout_secs: 900 };
    });
  },
};

/** Scripts beside another language's project: what its hooks and CI check them with. */
function scripts(tree: Tree, evidence: Evidence): Found[] {
  if (!tree.files.some((file) => file.endsWith('.py'))) return [];
  const named = namedLinters('python', { folder: '.', isCovered: false }, tree, evidence);
  return [{ path: '.', language: 'python', steps: named.map(machineStep), timeout_secs: 900 }];
}

type Place = {
  readonly path: string;
  readonly files: readonly string[];
  readonly project: PythonProject;
  readonly isCovered: boolean;
  readonly tree: Tree;
  readonly evidence: Evidence;
};

/** A manifest without any source is no project, unless it is a list of requirements. */
function isProject(tree: Tree, path: string): boolean {
  const below = tree.files.filter((file) => inside(file, path));
  return below.some(
    (file) => file.endsWith('.py') || /^requirements[\w.-]*\.txt$/.test(file.slice(path === '.' ? 0 : path.length + 1)),
  );
}

function testSteps({ path, files, project, tree, evidence }: Place): Step[] {
  const tests = files.filter(
    (file) =>
      testFile.test(file) &&
      !file
        .split('/')
        .slice(0, -1)
        .some((name) => /^(docs?|examples?|samples?|fixtures?)$/.test(name)),
  );
  // A run in the root is of the root's tests, and says nothing of a folder in it.
  const run = evidence.run('pytest', path);
  const gate = run !== null && inside(run.folder, path) ? run : null;
  if (tests.length === 0 && gate === null) return [];
  const paths = configuresPaths(tree, path) ? '' : pathsOfTests(tests, tree, path);
  const command = [commands.test, ...drawing(project), paths].filter(Boolean).join(' ');
  // As a module first: that puts the project's folder on the import path, which the bare command does not.
  const plain: Way = { tools: ['python3 -m pytest'], command: `python3 -m ${command}` };
  const bare: Way = { tools: ['pytest'], command };
  const apart = project.environments.map((one): Way => ({ ...one, command: own(`python -m ${command}`) }));
  const [first = plain, ...others] = [...apart, plain, bare];
  return [foundIn({ recipe: 'test', ways: [first, ...others] }, gate?.where ?? (tests[0] && at(path, tests[0])))];
}

/** Plug-ins that write for people in a way that nothing else can read are left out. */
function drawing({ dependencies }: PythonProject): string[] {
  return ['pretty', 'sugar', 'rich']
    .filter((name) => dependencies.has(`pytest-${name}`))
    .map((name) => `-p no:${name}`);
}

/** Whether pytest is told where its tests are. */
function configuresPaths(tree: Tree, path: string): boolean {
  const { data } = pythonProject(['pyproject.toml'], (name) => tree.text(at(path, name)));
  const options = [tableAt(data, 'tool', 'pytest', 'ini_options'), tableAt(data, 'tool', 'pytest')];
  return (
    options.some((table) => 'testpaths' in table) ||
    /^testpaths\s*=/m.test(
      ['pytest.ini', 'tox.ini', 'setup.cfg', '.pytest.ini'].map((name) => tree.text(at(path, name))).join('\n'),
    )
  );
}

/** The folders of the own tests, where tests of examples would be collected beside them. */
function pathsOfTests(tests: readonly string[], tree: Tree, path: string): string {
  const others = tree.files.some(
    (file) =>
      inside(file, path) && testFile.test(file) && /(^|\/)(docs?|examples?|samples?|templates?|fixtures?)\//.test(file),
  );
  const tops = [...new Set(tests.map((file) => file.split('/')[0] ?? ''))];
  return others && tops.length <= 3 && tops.every((top) => !top.endsWith('.py')) ? tops.map(shellWord).join(' ') : '';
}

function lintSteps(place: Place): Step[] {
  const { path, files, isCovered, tree, evidence } = place;
  if (!files.some((file) => /\.pyi?$/.test(file) && file !== 'setup.py')) return [];
  const named = namedLinters('python', { folder: path, isCovered }, tree, evidence);
  if (named.length > 0) return named.map((one) => namedStep(one, place));
  const [first, ...others] = surelyWrong;
  return isCovered || first === undefined ? [] : [{ recipe: 'lint', ways: [first, ...others] }];
}

/** One that the project depends on runs from its environment, and so does a checker of types, which reads what is imported. */
function namedStep({ linter, command, found }: Named, { project, path, tree }: Place): Step {
  const { tool } = linter;
  const [program = tool] = linter.program.split(' ');
  const brings = project.dependencies.has(program);
  const readsTypes = tool === 'mypy' || tool === 'pyright';
  const text = withPaths(tool, command, tree, path);
  const here: Way = { tools: [program], command: text };
  // mypy of the machine reads the packages of its own environment unless it is told; pyright asks the python on the PATH.
  const there = tool === 'mypy' ? text.replace(program, `${program} --python-executable .venv/bin/python`) : text;
  const typed = project.environments.map(
    (one): Way => ({ ...one, tools: [...one.tools, program], command: own(there) }),
  );
  const apart = project.environments.map((one): Way => ({ ...one, command: own(text) }));
  const [first = here, ...others] = brings ? apart : readsTypes ? [...typed, here] : [here];
  return { recipe: 'lint', ways: [first, ...others], found, configured: tool };
}

/** mypy stops without files: what its settings name comes first, and else it is the whole folder. */
function withPaths(tool: string, command: string, tree: Tree, path: string): string {
  if (tool !== 'mypy' || !command.endsWith('--no-pretty') || / (-p|--package|-m|--module)[ =]/.test(command))
    return command;
  const { data } = pythonProject([], (name) => tree.text(at(path, name)));
  const ini = ['mypy.ini', '.mypy.ini', 'setup.cfg'].map((name) => tree.text(at(path, name))).join('\n');
  const table = tableAt(data, 'tool', 'mypy');
  const says =
    ['files', 'packages', 'modules'].some((key) => key in table) || /^(files|packages|modules)\s*=/m.test(ini);
  return says ? command : `${command} .`;
}

function auditSteps({ files, project, path }: Place): Step[] {
  const lists = requirementFiles(files);
  const found = (name: string) => at(path, name);
  if (files.includes('uv.lock')) {
    const list = '.crafting-requirements.txt';
    const command = `uv export --frozen --no-emit-project --quiet --format requirements-txt -o ${list} > /dev/null && ${commands.audit} --disable-pip -r ${list}`;
    return [foundIn(step('audit', ['uv', 'pip-audit'], command), found('uv.lock'))];
  }
  if (lists.length > 0) {
    const command = `${commands.audit} ${lists.map((file) => `-r ${shellWord(file)}`).join(' ')}`;
    return [foundIn(step('audit', ['pip-audit'], command), found(lists[0] ?? ''))];
  }
  const declares = stringsOf(tableAt(project.data, 'project')['dependencies']).length > 0;
  return declares ? [foundIn(step('audit', ['pip-audit'], `${commands.audit} .`), found('pyproject.toml'))] : [];
}
