import { silencers, type Tool } from './define.ts';

/** Comments count where a suppression filter of its configuration asks for them; these are the usual words. */
export const checkstyle: Tool = {
  name: 'checkstyle',
  documentation: 'https://checkstyle.org/filters/index.html',
  install: 'a plugin of Maven or Gradle, or the jar of a release',
  programs: ['checkstyle'],
  languages: ['java', 'kotlin'],
  scope: 'file',
  wider: /^(?:Translation|JavadocPackage|UniqueProperties)/,
  exits: { 0: 'no errors', '1-254': 'errors; their number' },
  machine: { flag: '-f xml', asked: /(-f)[ =](xml|sarif)/ },
  silencers: [
    ...silencers(null, 'inside', [
      ['\\bCHECKSTYLE ?[:.]? ?OFF', 'block', '// CHECKSTYLE:OFF', { end: '\\bCHECKSTYLE ?[:.]? ?ON\\b' }],
      ['\\bCHECKSTYLE ?[:.]? ?(?:SUPPRESS|IGNORE)', 'block', '// CHECKSTYLE.SUPPRESS: LineLength'],
      ['\\bCS-OFF\\b', 'block', '// CS-OFF', { end: '\\bCS-ON\\b' }],
    ]),
  ],
  obeys: ['javac'],
  settings: {
    files: ['checkstyle*.xml', '*_checks.xml', '.checkstyle', 'config/checkstyle/**'],
    lists: ['suppression*.xml', '*suppressions*.xml'],
    builds: ['pom.xml', '*.gradle', '*.gradle.kts'],
  },
  options: { ignores: '-e --exclude -x --exclude-regexp', config: '-c -p' },
};
