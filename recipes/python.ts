import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Step, step, suggest, type Way } from './define.ts';
import { at, foldersWith, ownFiles } from './detection/tree.ts';
import { shellWord } from './shell-word.ts';

const manifest = /^(pyproject\.toml|setup\.py|setup\.cfg|Pipfile|requirements[\w.-]*\.txt)$/;
const commands = {
  test: `pytest ${machineFlag('pytest')}`,
  ruff: `ruff check ${machineFlag('ruff')} .`,
  mypy: `mypy ${machineFlag('mypy')} .`,
  audit: `pip-audit ${machineFlag('pip-audit')}`,
};

/** Python projects: a folder with a manifest. Tests of one with dependencies run in an environment made for them. */
export const python: Ecosystem = {
  name: 'python',
  reads: manifest,
  suggested: suggest('python', [
    ['test', 'pytest', commands.test],
    ['lint', 'ruff', commands.ruff],
    ['lint', 'mypy', commands.mypy],
    ['audit', 'pip-audit', `${commands.audit} -r requirements.txt`],
  ]),
  find(tree) {
    const projects = foldersWith(tree, manifest);
    return projects.map((path) => {
      const files = ownFiles(tree, path, projects);
      const text = (name: string) => tree.text(at(path, name));
      const sources = files.some((file) => file.endsWith('.py') && file !== 'setup.py');
      const tests = files.some((file) => /(^|\/)(test_[^/]*|[^/]*_test)\.py$/.test(file));
      const steps = [
        ...(tests ? [testStep(files, text)] : []),
        ...(sources ? lintSteps(files, text) : []),
        ...auditSteps(files, text),
      ];
      return { path, language: 'python', steps, timeout_secs: 900 };
    });
  },
};

type Text = (name: string) => string;

function requirementFiles(files: readonly string[]): string[] {
  return files.filter((file) => /^requirements[\w.-]*\.txt$/.test(file));
}

/** Whether [project] of a pyproject.toml names anything to install. */
function declaresDependencies(text: Text): boolean {
  return /^\s*dependencies\s*=\s*\[\s*(?:#.*\s*)*["']/m.test(text('pyproject.toml'));
}

function testStep(files: readonly string[], text: Text): Step {
  const extra = /^(tests?|dev|testing)\s*=\s*\[/m.exec(text('pyproject.toml'))?.[1];
  const local = declaresDependencies(text) || /install_requires/.test(text('setup.py') + text('setup.cfg'));
  const wanted = [
    ...requirementFiles(files).map((file) => `-r ${shellWord(file)}`),
    ...(local ? [`-e ${extra === undefined ? '.' : shellWord(`.[${extra}]`)}`] : []),
  ];
  // As a module first: that puts the project's folder on the import path, which the bare command does not.
  const plain: Way = { tools: ['python3 -m pytest'], command: `python3 -m ${commands.test}` };
  const bare: Way = { tools: ['pytest'], command: commands.test };
  if (wanted.length === 0) return { recipe: 'test', ways: [plain, bare] };
  const install = `.venv/bin/python -m pip install --quiet --disable-pip-version-check pytest ${wanted.join(' ')}`;
  const apart: Way = {
    tools: ['python3-venv'],
    prepare: `python3 -m venv .venv && ${install}`,
    command: `PATH="$PWD/.venv/bin:$PATH" python -m ${commands.test}`,
  };
  return { recipe: 'test', ways: [apart, plain, bare] };
}

function lintSteps(files: readonly string[], text: Text): Step[] {
  const configured =
    files.some((file) => /^\.?mypy\.ini$/.test(file)) ||
    /^\[tool\.mypy\]/m.test(text('pyproject.toml')) ||
    /^\[mypy\]/m.test(text('setup.cfg'));
  // Without the dependencies beside it, mypy has nothing to say about imports that is worth reading.
  const target = configured ? '.' : '--ignore-missing-imports .';
  return [
    {
      recipe: 'lint',
      ways: [
        { tools: ['ruff'], command: commands.ruff },
        { tools: ['flake8'], command: 'flake8 .' },
        { tools: ['pylint'], command: `pylint ${machineFlag('pylint')} --recursive=y .` },
      ],
    },
    {
      recipe: 'lint',
      ways: [
        // JSON came with 1.11; older ones (Debian 12's) stop at the option.
        { tools: ['mypy >= 1.11'], command: commands.mypy.replace(/\.$/, target) },
        { tools: ['mypy'], command: `mypy --show-column-numbers --no-pretty ${target}` },
      ],
    },
  ];
}

function auditSteps(files: readonly string[], text: Text): Step[] {
  const lists = requirementFiles(files);
  if (lists.length > 0) {
    return [
      step('audit', ['pip-audit'], `${commands.audit} ${lists.map((file) => `-r ${shellWord(file)}`).join(' ')}`),
    ];
  }
  return declaresDependencies(text) ? [step('audit', ['pip-audit'], `${commands.audit} .`)] : [];
}
