import { silencers, type Tool } from './define.ts';

/** PHPMD obeys the annotation of Java. */
export const phpmd: Tool = {
  name: 'phpmd',
  documentation: 'https://phpmd.org/documentation/suppress-warnings.html',
  install: 'composer require --dev phpmd/phpmd',
  programs: ['phpmd'],
  languages: ['php'],
  scope: 'file',
  silencers: silencers('php', 'inside', [
    ['@SuppressWarnings\\b', 'declaration', '/** @SuppressWarnings(PHPMD.UnusedLocalVariable) */'],
  ]),
  settings: {
    files: ['phpmd*.xml*', '.phpmd*.xml', '*ruleset*.xml'],
    lists: ['phpmd*baseline*.xml', 'phpmd.baseline.xml'],
  },
  options: {
    selects: '--minimumpriority --suffixes --only',
    ignores: '--exclude --baseline-file',
    lowers: '--ignore-violations-on-exit --ignore-errors-on-exit',
  },
};
