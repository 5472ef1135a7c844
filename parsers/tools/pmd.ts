import { silencers, type Tool } from './define.ts';

export const pmd: Tool = {
  name: 'pmd',
  documentation: 'https://docs.pmd-code.org/latest/pmd_userdocs_suppressing_warnings.html',
  install: 'a plugin of Maven or Gradle, or the archive of a release',
  programs: ['pmd', 'cpd'],
  languages: ['java', 'kotlin'],
  scope: 'program',
  exits: { 0: 'nothing found', 4: 'findings' },
  fails: { 1: 'it failed', 5: 'it met errors' },
  silencers: silencers(null, 'inside', [
    ['\\bNOPMD\\b', 'line', '// NOPMD'],
    ['\\bCPD-OFF\\b', 'block', '// CPD-OFF', { end: '\\bCPD-ON\\b' }],
  ]),
  obeys: ['javac'],
  settings: {
    files: ['pmd*.xml', '*ruleset*.xml', 'config/pmd/**'],
    lists: ['*exclude*.properties'],
    builds: ['pom.xml', '*.gradle', '*.gradle.kts'],
  },
  options: {
    selects: '--minimum-priority --file-list',
    ignores: '--exclude --exclude-file-list --suppress-marker',
    config: '-R --rulesets',
  },
};
