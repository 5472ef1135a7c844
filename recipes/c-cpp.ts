import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Found, step, suggest } from './define.ts';
import { at, foldersWith, inside, ownFiles, uncovered } from './detection/tree.ts';

// A folder that no project has by chance, so that nothing of the repository is overwritten.
const folder = '.crafting-build';
const configure = `cmake -S . -B ${folder}`;
const compile = `cmake --build ${folder}`;
const commands = {
  build: `${configure} && ${compile}`,
  test: `${configure} && ${compile} && ctest --test-dir ${folder} --output-on-failure`,
  cppcheck: `cppcheck --quiet ${machineFlag('cppcheck')} --enable=warning,performance,portability --error-exitcode=1 .`,
};
const source = /\.(c|cc|cpp|cxx)$/;

/** C and C++: CMake projects, where the outermost stands for all beneath it, and plain Makefiles beside sources. */
export const cCpp: Ecosystem = {
  name: 'c-cpp',
  reads: /^(CMakeLists\.txt|GNUmakefile|[Mm]akefile)$/,
  suggested: ['c', 'cpp'].flatMap((language) =>
    suggest(language, [
      ['build', 'cmake', commands.build],
      ['test', 'ctest', commands.test],
      ['lint', 'cppcheck', commands.cppcheck],
    ]),
  ),
  find(tree) {
    const cmake = uncovered(foldersWith(tree, /^CMakeLists\.txt$/), () => true);
    const make = foldersWith(tree, /^(GNUmakefile|[Mm]akefile)$/).filter(
      (path) =>
        !cmake.some((outer) => inside(path, outer)) &&
        ownFiles(tree, path, cmake).some((file) => /^[^/]+$/.test(file) && source.test(file)),
    );
    const describe = (path: string, steps: Found['steps'], files: readonly string[]): Found => ({
      path,
      language: files.some((file) => /\.(cc|cpp|cxx)$/.test(file)) ? 'cpp' : 'c',
      steps: files.some((file) => source.test(file)) ? [...steps, step('lint', ['cppcheck'], commands.cppcheck)] : [],
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
        return describe(path, [step('build', tools, commands.build), ...(tested ? [test] : [])], files);
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
