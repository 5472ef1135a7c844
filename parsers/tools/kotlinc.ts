import { silencers, type Tool } from './define.ts';

export const kotlinc: Tool = {
  name: 'kotlinc',
  documentation: 'https://kotlinlang.org/docs/compiler-reference.html',
  install: 'https://kotlinlang.org/docs/command-line.html',
  programs: ['kotlinc', 'kotlinc-jvm'],
  builds: true,
  compiles: true,
  languages: ['kotlin', 'java'],
  scope: 'program',
  exits: { 0: 'no errors', 1: 'errors' },
  fails: { 2: 'it failed' },
  silencers: silencers('java kotlin groovy scala', 'code', [
    ['@ file : (?:\\[ )?Suppress', 'file', '@file:Suppress("UNUSED")', { family: 'suppress' }],
    ['@ (?:[\\w.]{1,60} : )?Suppress\\b', 'declaration', '@Suppress("UNUSED_VARIABLE")', { family: 'suppress' }],
  ]),
  obeys: ['javac'],
  settings: { files: ['gradle.properties'], builds: ['*.gradle', '*.gradle.kts', 'pom.xml', 'libs.versions.toml'] },
  options: { selects: '-language-version -api-version', config: '-P', lowers: '-nowarn' },
};
