import { type Ecosystem, type Step, suggest, type Tree, way } from './define.ts';
import { linters, machineStep, type Named, namedLinters } from './detection/linters.ts';
import { packageJson } from './detection/package-json.ts';
import { packageManager } from './detection/package-manager.ts';

/** Checkers of the repository as a whole: its words, its workflows, its secrets. Only those that it names itself. */
export const root: Ecosystem = {
  name: 'root',
  suggested: suggest('text', [
    ['lint', 'codespell', commandOf('codespell')],
    ['lint', 'yamllint', commandOf('yamllint')],
    ['lint', 'actionlint', commandOf('actionlint')],
  ]),
  find(tree, evidence) {
    const named = namedLinters('root', { folder: '.', isCovered: false }, tree, evidence);
    return [{ path: '.', language: 'text', steps: named.map((one) => rootStep(one, tree)), timeout_secs: 900 }];
  },
};

/** From the root's own packages where those have it, else from the machine. */
function rootStep(named: Named, tree: Tree): Step {
  const { program } = named.linter;
  const manifest = packageJson(tree, '.');
  if (!manifest.dependencies.has(program)) return machineStep(named);
  const { tool, install } = packageManager((file) => tree.files.includes(file), manifest.packageManager);
  const command = `PATH="$PWD/node_modules/.bin:$PATH" ${named.command}`;
  return { ...machineStep(named), ways: [way([tool], command, install)] };
}

function commandOf(tool: string): string {
  return linters.find((one) => one.tool === tool)?.command('', []) ?? tool;
}
