import type { Tool } from './define.ts';

export const dependencyCheck: Tool = {
  name: 'dependency-check',
  documentation: 'https://jeremylong.github.io/DependencyCheck/general/suppression.html',
  install: 'a plugin of Maven or Gradle, or the archive of a release',
  programs: ['dependency-check', 'dependency-check.sh'],
  languages: [],
  settings: {
    files: ['dependency-check*.{xml,properties}', 'dependencycheck*.xml'],
    lists: ['*suppression*.xml'],
    builds: ['pom.xml', '*.gradle', '*.gradle.kts'],
  },
  options: { selects: '--scan -s --failOnCVSS', ignores: '--suppression --exclude', config: '-P --propertyfile' },
};
