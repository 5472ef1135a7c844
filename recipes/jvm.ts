import { type Ecosystem, type Evidence, type Found, type Run, suggest, type Tree, type Way } from './define.ts';
import { at, foldersWith, ownFiles, uncovered } from './detection/tree.ts';

const commands = {
  mavenBuild: 'mvn -B -DskipTests package',
  mavenTest: 'mvn -B --fail-at-end test',
  mavenVerify: 'mvn -B --fail-at-end verify',
  gradleBuild: 'gradle --no-daemon --console=plain assemble',
  gradleTest: 'gradle --no-daemon --console=plain --continue test',
  gradleCheck: 'gradle --no-daemon --console=plain --continue check',
};

/** Maven and Gradle; a parent with modules, or a folder with Gradle settings, stands for all beneath it. */
export const jvm: Ecosystem = {
  name: 'jvm',
  suggested: ['java', 'kotlin'].flatMap((language) =>
    suggest(language, [
      ['build', 'mvn', commands.mavenBuild],
      ['test', 'mvn', commands.mavenTest],
      ['build', 'gradle', commands.gradleBuild],
      ['test', 'gradle', commands.gradleTest],
    ]),
  ),
  find(tree, evidence) {
    const poms = uncovered(foldersWith(tree, /^pom\.xml$/), (outer) =>
      /<modules>/.test(tree.text(at(outer, 'pom.xml'))),
    );
    const settled = new Set(foldersWith(tree, /^settings\.gradle(\.kts)?$/));
    const gradles = uncovered(foldersWith(tree, /^(build|settings)\.gradle(\.kts)?$/), (outer) => settled.has(outer));
    const describe = (path: string, found: string, build: [Way, ...Way[]], test: [Way, ...Way[]]): Found => {
      const files = ownFiles(tree, path, []);
      const tested = files.some((file) => /(^|\/)src\/[^/]*[tT]est\//.test(file));
      return {
        path,
        language: files.some((file) => file.endsWith('.kt')) ? 'kotlin' : 'java',
        // Tests are compiled and packed on the way to their run: a build of its own would do all of that twice.
        steps: tested ? [{ recipe: 'test', ways: test, found }] : [{ recipe: 'build', ways: build, found }],
        timeout_secs: 1800,
      };
    };
    return [
      ...poms.map((path) => {
        const wrapped = tree.files.includes(at(path, 'mvnw'));
        const ways = (command: string): [Way, ...Way[]] => [
          { tools: ['mvn'], command },
          ...(wrapped ? [{ tools: ['java'], command: command.replace(/^mvn/, 'sh ./mvnw') }] : []),
        ];
        const run = mavenRun(path, evidence);
        const test = run === null ? commands.mavenTest : commands.mavenVerify;
        return describe(path, run?.where ?? at(path, 'pom.xml'), ways(commands.mavenBuild), ways(test));
      }),
      // A folder with both is built with Maven; its second description would only do the same work again.
      ...gradles
        .filter((path) => !poms.includes(path))
        .map((path) => {
          const wrapped = tree.files.includes(at(path, 'gradlew'));
          // A build is written for one version of Gradle, and its wrapper is how it names that.
          const ways = (command: string): [Way] =>
            wrapped
              ? [{ tools: ['java'], command: command.replace(/^gradle/, 'sh ./gradlew') }]
              : [{ tools: ['gradle'], command }];
          const run = gradleRun(path, evidence);
          const test = run === null ? commands.gradleTest : commands.gradleCheck;
          return describe(path, run?.where ?? gradleFile(tree, path), ways(commands.gradleBuild), ways(test));
        }),
    ];
  },
};

/** Where CI verifies: then checks that the build binds to that phase are part of it. */
function mavenRun(path: string, { runs }: Evidence): Run | null {
  const isMaven = ({ words }: Run) =>
    /(^|\/)mvnw?$/.test(words[0] ?? '') && words.some((word) => /^(verify|install)$/.test(word));
  const skips = ({ words }: Run) => words.some((word) => /^-D(maven\.test\.skip|skipTests)/.test(word));
  return runs.find((run) => run.gate && run.folder === path && isMaven(run) && !skips(run)) ?? null;
}

function gradleRun(path: string, { runs }: Evidence): Run | null {
  const isGradle = ({ words }: Run) =>
    /(^|\/)gradlew?$/.test(words[0] ?? '') && words.some((word) => /^:?(build|check)$/.test(word));
  return runs.find((run) => run.gate && run.folder === path && isGradle(run)) ?? null;
}

function gradleFile(tree: Tree, path: string): string {
  const names = ['settings.gradle.kts', 'settings.gradle', 'build.gradle.kts', 'build.gradle'];
  return names.map((name) => at(path, name)).find((file) => tree.files.includes(file)) ?? at(path, 'build.gradle');
}
