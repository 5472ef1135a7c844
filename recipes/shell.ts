import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, step, suggest } from './define.ts';
import { at, commonFolder } from './detection/tree.ts';
import { leftOut } from './detection/walk.ts';
import { shellWord } from './shell-word.ts';

const pruned = ['.?*', ...leftOut].map((name) => `-name ${shellWord(name)}`).join(' -o ');
// find and not a list of names: a script that is added later is checked too.
const shellcheck = `find . -type d \\( ${pruned} \\) -prune -o -type f \\( -name '*.sh' -o -name '*.bash' \\) -exec shellcheck ${machineFlag('shellcheck')} {} +`;

/** Shell scripts and bats tests, of the whole repository at once: the folder that holds all of them. */
export const shell: Ecosystem = {
  name: 'shell',
  reads: /^(?!)/,
  suggested: suggest('shell', [
    ['test', 'bats', `bats ${machineFlag('bats')} -r .`],
    ['lint', 'shellcheck', shellcheck],
  ]),
  find(tree) {
    const scripts = tree.files.filter((file) => /\.(sh|bash)$/.test(file));
    const tests = tree.files.filter((file) => file.endsWith('.bats'));
    const path = commonFolder([...scripts, ...tests]);
    const below = commonFolder(tests.map((file) => (path === '.' ? file : file.slice(path.length + 1))));
    return [
      {
        path,
        language: 'shell',
        steps: [
          ...(tests.length > 0
            ? [step('test', ['bats'], `bats ${machineFlag('bats')} -r ${shellWord(at('.', below))}`)]
            : []),
          ...(scripts.length > 0 ? [step('lint', ['shellcheck'], shellcheck)] : []),
        ],
        timeout_secs: 900,
      },
    ];
  },
};
