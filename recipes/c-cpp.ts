import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Found, foundIn, step, suggest, type Tree } from './define.ts';
import { machineStep, namedLinters } from './detection/linters.ts';
import { settingsHere } from './detection/settings-here.ts';
import { at, foldersWith, inside, ownFiles, uncovered } from './detection/tree.ts';
import { shellWord } from './shell-word.ts';

// A folder that no project has by chance, so that nothing of the repository is overwritten.
const folder = '.crafting-build';
const configure = `cmake -S . -B ${folder}`;
const compile = `cmake --build ${folder} --parallel`;
const commands = {
  build: `${configure} && ${compile}`,
  test: `${configure} && ${compile} && ctest --test-dir ${folder} --output-on-failure --parallel 4`,
  // Without being asked for more it tells errors alone.
  cppcheck: `cppcheck --quiet ${machineFlag('cppcheck')} --error-exitcode=1 .`,
  cppcheckMore: `cppcheck --quiet ${machineFlag('cppcheck')} --enable=warning,performance,portability --error-exitcode=1 .`,
};
const source = /\.(c|cc|cpp|cxx)$/;

/** C and C++: CMake projects, where the outermost stands for all beneath it, and plain Makefiles beside sources. */
export const cCpp: Ecosystem = {
  name: 'c-cpp',
  suggested: ['c', 'cpp'].flatMap((language) =>
    suggest(language, [
      ['build', 'cmake', commands.build],
      ['test', 'ctest', commands.test],
      ['lint', 'cppcheck', commands.cppcheck],
    ]),
  ),
  find(tree, evidence) {
    const cmake = uncovered(foldersWith(tree, /^CMakeLists\.txt$/), () => true);
    const make = foldersWith(tree, /^(GNUmakefile|[Mm]akefile)$/).filter(
      (path) =>
        !cmake.some((outer) => inside(path, outer)) &&
        ownFiles(tree, path, cmake).some((file) => /^[^/]+$/.test(file) && source.test(file)),
    );
    const lintSteps = (path: string) => {
      const found = evidence.run('cppcheck', path)?.where ?? settingsHere('cppcheck', path, tree) ?? undefined;
      const command = found === undefined ? commands.cppcheck : commands.cppcheckMore;
      const check = step('lint', ['cppcheck'], command.replace(/ \.$/, `${frameworks(tree, path)} .`));
      const named = namedLinters('cpp', { folder: path, isCovered: false }, tree, evidence).map(machineStep);
      return [foundIn(check, found), ...named];
    };
    const describe = (path: string, steps: Found['steps'], files: readonly string[]): Found => ({
      path,
      language: files.some((file) => /\.(cc|cpp|cxx)$/.test(file)) ? 'cpp' : 'c',
      steps: files.some((file) => source.test(file)) ? [...steps, ...lintSteps(path)] : [],
      timeout_secs: 1800,
    });
    return [
      ...cmake.map((path) => {
        const files = ownFiles(tree, path, []);
        const texts = files
          .filter((file) => /(^|\/)CMakeLists\.txt$/.test(file))
          .map((file) => tree.text(at(path, file)));
        const tested = texts.some((text) => /^\s*(enable_testing|add_test|include\s*\(\s*CTest)\b/im.test(text));
        const tools = ['cmake', files.some((file) => /\.(cc|cpp|cxx)$/.test(file)) ? 'c++' : 'cc'];
        const test = step('test', [...tools, 'ctest'], commands.test);
        const found = at(path, 'CMakeLists.txt');
        // The tests are built with all the rest: a build of its own would compile the whole twice.
        return describe(path, [foundIn(tested ? test : step('build', tools, commands.build), found)], files);
      }),
      ...make.map((path) => {
        const name = ['GNUmakefile', 'makefile', 'Makefile'].find((one) => tree.files.includes(at(path, one))) ?? '';
        const target = /^(test|check)\s*:(?!=)/m.exec(tree.text(at(path, name)))?.[1];
        const test = target === undefined ? [] : [step('test', ['make', 'cc'], `make ${target}`)];
        return describe(path, [step('build', ['make', 'cc'], 'make'), ...test], ownFiles(tree, path, cmake));
      }),
    ];
  },
};

/** Test frameworks and other people's code that lie in the tree are not the project's to mend. */
function frameworks(tree: Tree, path: string): string {
  const others =
    /^(.*?(?:^|\/)(?:gtest|googletest|gmock|unity|catch2?|doctest|third[_-]party|3rdparty|external|deps))\//i;
  const folders = new Set(ownFiles(tree, path, []).flatMap((file) => others.exec(file)?.[1] ?? []));
  return [...folders]
    .slice(0, 20)
    .map((folder) => ` -i ${shellWord(folder)}`)
    .join('');
}
