import type { Tool } from './define.ts';
import { pathsOf } from './settings-paths.ts';

export const surefire: Tool = {
  name: 'surefire',
  documentation: 'https://maven.apache.org/surefire/maven-surefire-plugin/test-mojo.html',
  install: 'apt-get install maven',
  programs: ['mvn', 'mvnw', 'mvnd'],
  builds: true,
  languages: ['java', 'kotlin', 'scala'],
  exits: { 0: 'all passed', 1: 'failures, or it did not build' },
  settings: {
    files: ['.mvn/**', 'junit-platform.properties', 'testng*.xml'],
    builds: ['pom.xml'],
  },
  paths: {
    files: ['pom.xml'],
    read: (text) =>
      pathsOf(
        'test',
        [...text.matchAll(/<testSourceDirectory>([^<]{1,300})</g)].map(([, one = '']) => one.trim()),
      ),
  },
  options: {
    selects: '-pl --projects -Dtest -Dgroups -P --activate-profiles',
    ignores: '-DexcludedGroups -Dsurefire.excludes',
    config: '-f --file -s --settings',
    lowers: '-DskipTests -Dmaven.test.skip=true -DskipITs -Dmaven.test.failure.ignore=true -fn',
  },
};
