import type { Tool } from './define.ts';

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
  options: { selects: '--tests', ignores: '-x --exclude-task', config: '-c -I --init-script -P -D' },
};
