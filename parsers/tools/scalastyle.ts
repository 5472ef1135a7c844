import { silencers, type Tool } from './define.ts';

/** Scalastyle, scalafix, scalafmt and scoverage. */
export const scalastyle: Tool = {
  name: 'scalastyle',
  documentation: 'http://www.scalastyle.org/configuration.html',
  install: 'a plugin of sbt',
  programs: ['scalastyle', 'scalafix', 'scalafmt'],
  languages: ['scala'],
  scope: 'file',
  silencers: silencers('java kotlin groovy scala', 'inside', [
    [
      'scalastyle : off|scalafix : off|\\$COVERAGE-OFF',
      'block',
      '// scalastyle:off',
      { end: '\\bscalastyle : on\\b|\\bscalafix : on\\b|\\$COVERAGE-ON' },
    ],
    ['format : off\\b', 'block', '// format: off', { end: '\\bformat : on\\b' }],
    ['scalafix : ok', 'line', '// scalafix:ok'],
  ]),
  obeys: ['javac'],
  settings: { files: ['scalastyle*.xml', '.scalafmt.conf', '.scalafix.conf', '.scalafix*.conf'], builds: ['*.sbt'] },
};
