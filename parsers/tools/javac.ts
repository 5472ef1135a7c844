import { silencers, type Tool } from './define.ts';

/** `@SuppressWarnings` counts for the declaration that it stands at. Of the JVM's tools several obey it. */
export const javac: Tool = {
  name: 'javac',
  documentation: 'https://docs.oracle.com/en/java/javase/21/docs/specs/man/javac.html',
  install: 'apt-get install default-jdk',
  version: '-version',
  programs: ['javac'],
  builds: true,
  compiles: true,
  languages: ['java', 'kotlin', 'scala'],
  scope: 'program',
  exits: { 0: 'no errors', 1: 'errors' },
  fails: { 2: 'wrong arguments' },
  silencers: silencers('java kotlin groovy scala', 'code', [
    [
      '@ (?:[\\w.]{1,60} \\. )?Suppress(?:Warnings|Lint|ForbiddenApi|Static\\w{0,20})\\b',
      'declaration',
      '@SuppressWarnings("unchecked")',
      { family: 'suppress' },
    ],
    [
      '@ (?:[\\w.]{1,60} \\. )?(?:Generated|ExcludeFromJacoco\\w{0,30}|nowarn|CoverageIgnore)\\b',
      'declaration',
      '@Generated("tool")',
      { family: 'generated' },
    ],
    ['\\\\u{1,9}00[4-7][0-9a-f]', 'declaration', '\\u0040SuppressWarnings("all")', { family: 'escape' }],
  ]),
  settings: {
    files: ['.mvn/**', 'gradle.properties'],
    builds: ['pom.xml', '*.gradle', '*.gradle.kts', 'build.xml', 'libs.versions.toml'],
  },
  options: { selects: '-Xlint --release -source -target', ignores: '-proc', lowers: '-nowarn' },
};
