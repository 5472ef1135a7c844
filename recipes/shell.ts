import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Evidence, foundIn, type Step, step, suggest, type Tree } from './define.ts';
import { namedLinters } from './detection/linters.ts';
import { isSampleFolder } from './detection/nesting.ts';
import { at, commonFolder } from './detection/tree.ts';
import { leftOut } from './detection/walk.ts';
import { shellWord } from './shell-word.ts';

const pruned = ['.?*', ...leftOut, 'fixtures', 'testdata', 'third_party']
  .map((name) => `-name ${shellWord(name)}`)
  .join(' -o ');
// What another program sources, or is for zsh, has no such first line, and shellcheck cannot know its language.
const shebang = `'^#!.*[/ ](ba|da|k)?sh([^a-z]|$)'`;
// find and not a list of names: a script that is added later is checked too.
const shellcheck = (flags: string) =>
  `find . -type d \\( ${pruned} \\) -prune -o -type f \\( -name '*.sh' -o -name '*.bash' -o ! -name '*.*' -size -200k \\) -exec sh -c 'for f do head -n 1 "$f" | LC_ALL=C grep -aqE "$0" && printf "%s\\0" "$f"; done' ${shebang} {} + | xargs -0 -r shellcheck ${[machineFlag('shellcheck'), flags].filter(Boolean).join(' ')}`;
const isScript = /^#!.*[/ ](ba|da|k)?sh([^a-z]|$)/;
const manifests =
  /^(package\.json|pyproject\.toml|setup\.py|Cargo\.toml|go\.mod|composer\.json|Gemfile|.*\.gemspec|pom\.xml|(build|settings)\.gradle(\.kts)?|CMakeLists\.txt|Package\.swift|.*\.sln)$/;

/** Shell scripts and bats tests, of the whole repository at once: the root's project, or the folder that holds all of them. */
export const shell: Ecosystem = {
  name: 'shell',
  suggested: suggest('shell', [
    ['test', 'bats', `bats ${machineFlag('bats')} -r .`],
    ['lint', 'shellcheck', shellcheck('')],
  ]),
  find(tree, evidence) {
    const own = tree.files.filter(
      (file) => !isSampleFolder(dirOf(file).replace(/(^|\/)(tests?|specs?)(?=\/|$)/g, '$1')),
    );
    const scripts = own.filter((file) => /\.(sh|bash)$/.test(file) && isScript.test(tree.text(file)));
    const tests = own.filter((file) => file.endsWith('.bats'));
    const isRoot = tree.files.some((file) => !file.includes('/') && manifests.test(file));
    const path = isRoot ? '.' : commonFolder([...scripts, ...tests]);
    const steps = [...batsSteps(tests, path, tree, evidence), ...lintSteps(scripts, tree, evidence)];
    return [{ path, language: 'shell', steps, timeout_secs: 900 }];
  },
};

function dirOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.lastIndexOf('/')) : '';
}

/** The tests, unless a script of the package runs them already. */
function batsSteps(tests: readonly string[], path: string, tree: Tree, evidence: Evidence): Step[] {
  if (tests.length === 0 || /"test"\s*:\s*"[^"]{0,200}\bbats\b/.test(tree.text('package.json'))) return [];
  const below = commonFolder(tests.map((file) => (path === '.' ? file : file.slice(path.length + 1))));
  const command = `bats ${machineFlag('bats')} -r ${shellWord(at('.', below))}`;
  return [foundIn(step('test', ['bats'], command), evidence.run('bats')?.where ?? tests[0])];
}

/** All that shellcheck says where the project asks for it, else only what is an error in any script. */
function lintSteps(scripts: readonly string[], tree: Tree, evidence: Evidence): Step[] {
  const named = namedLinters('shell', { folder: '.', isCovered: false }, tree, evidence);
  const check = named.find(({ linter }) => linter.tool === 'shellcheck');
  const others = named
    .filter((one) => one !== check)
    .map(
      ({ linter, command, found }): Step => ({
        recipe: 'lint',
        ways: [{ tools: [linter.program], command }],
        found,
        configured: linter.tool,
      }),
    );
  if (check)
    return [
      {
        recipe: 'lint',
        ways: [{ tools: ['shellcheck'], command: shellcheck('') }],
        found: check.found,
        configured: 'shellcheck',
      },
      ...others,
    ];
  return scripts.length > 0
    ? [foundIn(step('lint', ['shellcheck'], shellcheck('--severity=error')), scripts[0]), ...others]
    : others;
}
