import { machineFlag } from '../parsers/tools/registry.ts';
import { type Ecosystem, type Evidence, type Found, foundIn, type Step, step, suggest, type Tree } from './define.ts';
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

/** C and C++: CMake and automake projects, where the outermost stands for all beneath it, and plain Makefiles beside sources. */
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
    const autotools = uncovered(foldersWith(tree, /^configure\.(ac|in)$/), () => true).filter(
      (path) => tree.files.includes(at(path, 'Makefile.am')) && !cmake.some((outer) => inside(path, outer)),
    );
    const make = foldersWith(tree, /^(GNUmakefile|[Mm]akefile)$/).filter(
      (path) =>
        ![...cmake, ...autotools].some((outer) => inside(path, outer)) &&
        ownFiles(tree, path, cmake).some((file) => /^[^/]+$/.test(file) && source.test(file)),
    );
    const lintSteps = (path: string) => {
      const found = evidence.run('cppcheck', path)?.where ?? settingsHere('cppcheck', path, tree) ?? undefined;
      const command = found === undefined ? commands.cppcheck : commands.cppcheckMore;
      const check = step('lint', ['cppcheck'], command.replace(/ \.$/, `${frameworks(tree, path)} .`));
      const named = namedLinters('cpp', { folder: path, isCovered: false }, tree, evidence).map(machineStep);
      return [foundIn(check, found), ...named, ...tidySteps(path, cmake, tree, evidence)];
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
      ...autotools.map((path) => describe(path, [autotoolsStep(path, tree, evidence)], ownFiles(tree, path, []))),
      ...make.map((path) => {
        const name = ['GNUmakefile', 'makefile', 'Makefile'].find((one) => tree.files.includes(at(path, one))) ?? '';
        const target = /^(test|check)\s*:(?!=)/m.exec(tree.text(at(path, name)))?.[1];
        const test = target === undefined ? [] : [step('test', ['make', 'cc'], `make ${target}`)];
        return describe(path, [step('build', ['make', 'cc'], 'make'), ...test], ownFiles(tree, path, cmake));
      }),
    ];
  },
};

/**
 * Configures, builds and tests as an automake project does everywhere, with the features with which CI configures it.
 * `make check` builds what it tests (GNU Automake manual, 15.1).
 */
function autotoolsStep(path: string, tree: Tree, evidence: Evidence): Step {
  const own = (name: string) => tree.files.includes(at(path, name));
  const input = own('configure.ac') ? 'configure.ac' : 'configure.in';
  const makefiles = tree.files.filter((file) => inside(file, path) && /(^|\/)Makefile\.am$/.test(file));
  const isTested = makefiles.some((file) => /^(TESTS|check_PROGRAMS|check-local)\b/m.test(tree.text(file)));
  const generator = ['autogen.sh', 'bootstrap.sh', 'bootstrap'].find(
    (name) => own(name) && evidence.runs.some(({ words, gate }) => gate && (words[0] ?? '').endsWith(`/${name}`)),
  );
  const generate = own('configure') ? [] : [generator === undefined ? 'autoreconf -fi' : `sh ./${generator}`];
  const usesLibtool = /^\s*(LT_INIT|AC_PROG_LIBTOOL|AM_PROG_LIBTOOL)\b/m.test(tree.text(at(path, input)));
  const tools = own('configure')
    ? ['make', 'cc']
    : ['autoreconf', ...(usesLibtool ? ['libtoolize'] : []), 'make', 'cc'];
  const { options, where } = configuredBy(path, evidence);
  const command = [...generate, ['./configure', ...options].join(' '), `make -j4${isTested ? ' check' : ''}`].join(
    ' && ',
  );
  return foundIn(step(isTested ? 'test' : 'build', tools, command), where ?? at(path, input));
}

/** The features that CI switches on and off first; what it builds for and where to is its own. */
function configuredBy(path: string, { runs }: Evidence): { options: readonly string[]; where: string | undefined } {
  const run = runs.find(
    ({ words, folder, gate }) => gate && folder === path && /(^|\/)configure$/.test(words[0] ?? '') && words.length > 1,
  );
  const options =
    run?.words.filter((word) => /^--(enable|disable|with|without)-[\w-]+(=[\w./,+-]+)?$/.test(word)) ?? [];
  return { options, where: run?.where };
}

/** clang-tidy over what is compiled, where it is configured and CI runs it or names a job after it. */
function tidySteps(path: string, cmake: readonly string[], tree: Tree, { runs }: Evidence): Step[] {
  const settings = settingsHere('clang-tidy', path, tree);
  const run = runs.find(
    ({ words, gate, job }) =>
      gate && (/(^|\/)(run-)?clang-tidy/.test(words[0] ?? '') || /clang.?tidy/i.test(job?.replace(/^\S+ /, '') ?? '')),
  );
  if (settings === null || run === undefined || !cmake.includes(path)) return [];
  const command = `${configure} -DCMAKE_EXPORT_COMPILE_COMMANDS=ON && run-clang-tidy -quiet -p ${folder}`;
  return [{ ...step('lint', ['cmake', 'c++', 'run-clang-tidy'], command), found: run.where, configured: 'clang-tidy' }];
}

/** Test frameworks and other people's code that lie in the tree are not the project's to mend. */
function frameworks(tree: Tree, path: string): string {
  const others =
    /^(.*?(?:^|\/)(?:gtest|googletest|gmock|unity|catch2?|doctest|third[_-]party|3rdparty|external|deps))\//i;
  const single = /(^|\/)(catch2?|catch_amalgamated|doctest|greatest|munit|utest|unity(_internals)?)\.(c|cpp|h|hpp)$/;
  const files = ownFiles(tree, path, []);
  const folders = new Set(files.flatMap((file) => others.exec(file)?.[1] ?? []));
  const alone = files.filter((file) => single.test(file) && ![...folders].some((folder) => inside(file, folder)));
  return [
    ...[...folders].map((folder) => ` -i ${shellWord(folder)}`),
    // A header is read wherever it is included: only its findings can be left out.
    ...alone.map((file) => ` --suppress=${shellWord(`*:${file}`)}`),
  ]
    .slice(0, 20)
    .join('');
}
