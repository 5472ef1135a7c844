import { type Ecosystem, type Found, suggest, type Way } from './define.ts';
import { at, foldersWith, ownFiles, uncovered } from './detection/tree.ts';

const commands = {
  mavenBuild: 'mvn -B -DskipTests package',
  mavenTest: 'mvn -B --fail-at-end test',
  gradleBuild: 'gradle --no-daemon --console=plain assemble',
  gradleTest: 'gradle --no-daemon --console=plain --continue test',
};

/** Maven and Gradle; a parent with modules, or a folder with Gradle settings, stands for all beneath it. */
export const jvm: Ecosystem = {
  name: 'jvm',
  reads: /^(pom\.xml|settings\.gradle(\.kts)?)$/,
  suggested: ['java', 'kotlin'].flatMap((language) =>
    suggest(language, [
      ['build', 'mvn', commands.mavenBuild],
      ['test', 'mvn', commands.mavenTest],
      ['build', 'gradle', commands.gradleBuild],
      ['test', 'gradle', commands.gradleTest],
    ]),
  ),
  find(tree) {
    const poms = uncovered(foldersWith(tree, /^pom\.xml$/), (outer) =>
      /<modules>/.test(tree.text(at(outer, 'pom.xml'))),
    );
    const settled = new Set(foldersWith(tree, /^settings\.gradle(\.kts)?$/));
    const gradles = uncovered(foldersWith(tree, /^(build|settings)\.gradle(\.kts)?$/), (outer) => settled.has(outer));
    const describe = (path: string, build: [Way, ...Way[]], test: [Way, ...Way[]]): Found => {
      const files = ownFiles(tree, path, []);
      const tested = files.some((file) => /(^|\/)src\/[^/]*[tT]est\//.test(file));
      return {
        path,
        language: files.some((file) => file.endsWith('.kt')) ? 'kotlin' : 'java',
        steps: [{ recipe: 'build', ways: build }, ...(tested ? [{ recipe: 'test', ways: test } as const] : [])],
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
        return describe(path, ways(commands.mavenBuild), ways(commands.mavenTest));
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
          return describe(path, ways(commands.gradleBuild), ways(commands.gradleTest));
        }),
    ];
  },
};
