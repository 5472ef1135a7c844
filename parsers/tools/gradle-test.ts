import type { Tool } from './define.ts';
import { pathsOf, quoted } from './settings-paths.ts';

export const gradleTest: Tool = {
  name: 'gradle-test',
  documentation: 'https://docs.gradle.org/current/userguide/java_testing.html',
  install: 'the wrapper of the project, or https://gradle.org',
  programs: ['gradle', 'gradlew'],
  builds: true,
  languages: ['java', 'kotlin', 'groovy', 'scala'],
  exits: { 0: 'all passed', 1: 'failures, or it did not build' },
  settings: {
    files: ['gradle.properties', 'junit-platform.properties', 'testng*.xml'],
    builds: ['*.gradle', '*.gradle.kts', 'libs.versions.toml'],
  },
  paths: {
    files: ['build.gradle', 'build.gradle.kts'],
    read: (text) =>
      pathsOf(
        'test',
        [...text.matchAll(/\b\w{0,30}[tT]est\w{0,30}\b[^\n]{0,40}\{[^}]{0,600}?srcDirs?\b([^\n]{1,300})/g)].flatMap(
          ([, one = '']) => quoted(one),
        ),
      ),
  },
  options: { selects: '--tests', ignores: '-x --exclude-task', config: '-c -I --init-script -P -D' },
};
