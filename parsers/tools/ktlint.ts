import { silencers, type Tool } from './define.ts';

/** `ktlint-disable` until 0.50; since then `@Suppress("ktlint:standard:rule")`, and properties of .editorconfig. */
export const ktlint: Tool = {
  name: 'ktlint',
  documentation: 'https://pinterest.github.io/ktlint/latest/rules/configuration-ktlint/',
  install: 'the jar of a release (https://github.com/pinterest/ktlint/releases)',
  programs: ['ktlint'],
  languages: ['kotlin'],
  scope: 'file',
  exits: { 0: 'nothing found', 1: 'findings, or it failed' },
  silencers: silencers('java kotlin groovy scala', 'inside', [
    [
      'ktlint-disable\\b',
      'line',
      '// ktlint-disable no-wildcard-imports',
      { alone: 'block', end: '\\bktlint-enable\\b' },
    ],
  ]),
  obeys: ['kotlinc', 'javac', 'editorconfig'],
  settings: {
    files: ['.editorconfig', 'editorconfig', '.ktlint*'],
    lists: ['ktlint*baseline*.xml', 'baseline*.xml'],
    builds: ['*.gradle', '*.gradle.kts', 'pom.xml'],
  },
  options: {
    selects: '--code-style -R --ruleset --limit',
    ignores: '--baseline --disabled_rules',
    config: '--editorconfig',
    lowers: '--relative',
  },
  fix: {
    how: 'rerun',
    program: 'ktlint',
    code: /^[a-z][a-z0-9-]{0,40}(?::[a-z][a-z0-9-]{0,60})?$/,
    reads: /\.kts?$/,
    // It has no option for one rule.
    command: (_code, file) => `ktlint -F ${file}`,
  },
};
