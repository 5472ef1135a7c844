import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, step, suggest } from './define.ts';
import { settingsAbove } from './detection/settings-here.ts';
import { at, foldersWith, ownFiles } from './detection/tree.ts';

const commands = {
  build: 'swift build',
  test: 'swift test',
  lint: `swiftlint lint --quiet ${machineFlag('swiftlint')}`,
};

/** Swift packages. */
export const swift: Ecosystem = {
  name: 'swift',
  suggested: suggest('swift', [
    ['build', 'swift', commands.build],
    ['test', 'swift', commands.test],
    ['lint', 'swiftlint', commands.lint],
  ]),
  find(tree, evidence) {
    const packages = foldersWith(tree, /^Package\.swift$/);
    return packages.map((path) => {
      const tests =
        ownFiles(tree, path, packages).some((file) => /^Tests\/.*\.swift$/.test(file)) ||
        /\.testTarget\(/.test(tree.text(at(path, 'Package.swift')));
      const named = evidence.run('swiftlint', path)?.where ?? settingsAbove('swiftlint', path, tree);
      const steps = [
        step('build', ['swift'], commands.build),
        ...(tests ? [step('test', ['swift'], commands.test)] : []),
        ...(named === null
          ? []
          : [{ ...step('lint', ['swiftlint'], commands.lint), found: named, configured: 'swiftlint' }]),
      ];
      return { path, language: 'swift', steps, timeout_secs: 1800 };
    });
  },
};
