import type { Tree } from '../define.ts';

/** Where coverage reports lie after the tests, by what the project's own configuration says of them. */
const signs: readonly (readonly [file: string, says: RegExp, globs: readonly string[]])[] = [
  ['pom.xml', /<artifactId>jacoco-maven-plugin<\/artifactId>/, ['**/target/site/jacoco/jacoco.xml']],
  [
    'package.json',
    /"test"\s*:\s*"[^"]{0,500}(?:--coverage\b|\b(?:c8|nyc)\s)/,
    ['coverage/lcov.info', 'coverage/coverage-final.json'],
  ],
  ...['pyproject.toml', 'setup.cfg'].flatMap((file) => [
    [file, /--cov-report[= ]xml\b/, ['coverage.xml']] as const,
    [file, /--cov-report[= ]lcov\b/, ['coverage.lcov']] as const,
    [file, /--cov-report[= ]json\b/, ['coverage.json']] as const,
  ]),
];

/** The globs of coverage reports that the tests of a subproject leave already; empty when nothing measures it. */
export function measuredCoverage(path: string, { files, text }: Tree): string[] {
  const known = new Set(files);
  const at = (file: string) => (path === '.' ? file : `${path}/${file}`);
  const globs = signs.flatMap(([file, says, own]) => (known.has(at(file)) && says.test(text(at(file))) ? own : []));
  return [...new Set(globs)];
}
