import { silencers, type Tool } from './define.ts';

/** `@Suppress` of the compiler counts for it; the words of a comment do not, and stand here because people believe so. */
export const detekt: Tool = {
  name: 'detekt',
  documentation: 'https://detekt.dev/docs/introduction/suppressing-rules',
  install: 'a plugin of Gradle, or the jar of a release',
  programs: ['detekt', 'detekt-cli'],
  languages: ['kotlin'],
  scope: 'file',
  exits: { 0: 'nothing found', 2: 'findings' },
  fails: { 1: 'it failed', 3: 'its configuration is wrong' },
  silencers: silencers('java kotlin groovy scala', 'inside', [
    ['detekt : ?(?:disable|ignore|off)', 'line', '// detekt:disable', { alone: 'declaration' }],
  ]),
  obeys: ['kotlinc', 'javac'],
  settings: {
    files: ['detekt*.{yml,yaml}', '.detekt.{yml,yaml}'],
    lists: ['detekt*baseline*.xml', 'baseline*.xml'],
    builds: ['*.gradle', '*.gradle.kts', 'pom.xml'],
  },
  options: {
    selects: '-in --includes --max-issues --fail-on-severity',
    ignores: '-ex --excludes -b --baseline -dd --disable-default-rulesets',
    config: '-c --config -cr --config-resource',
  },
};
