import { silencers, type Tool } from './define.ts';

/** A platform: it takes in what other tools found, and NOSONAR counts for all of it. */
export const sonar: Tool = {
  name: 'sonar',
  documentation: 'https://docs.sonarsource.com/sonarqube-server/user-guide/issues/managing/',
  install: 'https://docs.sonarsource.com/sonarqube-server/analyzing-source-code/scanners/',
  programs: ['sonar-scanner'],
  languages: [],
  platform: true,
  silencers: silencers(null, 'inside', [['\\bNOSONAR\\b', 'line', '// NOSONAR']]),
  obeys: ['javac', 'kotlinc'],
  settings: { files: ['sonar-project.properties', '.sonarlint/**'] },
};
