import { silencers, type Tool } from './define.ts';

/** Annotations count for the declaration that they stand at; filters are files. */
export const spotbugs: Tool = {
  name: 'spotbugs',
  documentation: 'https://spotbugs.readthedocs.io/en/stable/filter.html',
  install: 'a plugin of Maven or Gradle',
  programs: ['spotbugs', 'findbugs'],
  languages: ['java', 'kotlin', 'scala'],
  scope: 'program',
  exits: { 0: 'nothing found', 1: 'findings' },
  fails: { 2: 'classes were missing', 4: 'it met errors' },
  machine: { flag: '-xml:withMessages', asked: /-(xml|sarif|emacs)/ },
  silencers: [
    ...silencers('java kotlin groovy scala', 'code', [
      [
        '@ (?:[\\w.]{1,60} \\. )?SuppressFBWarnings\\b',
        'declaration',
        '@SuppressFBWarnings("NP")',
        { family: 'suppress' },
      ],
    ]),
    ...silencers('java kotlin groovy scala', 'inside', [
      ['@SuppressFBWarnings', 'declaration', '// @SuppressFBWarnings("NP")'],
    ]),
  ],
  settings: {
    files: ['spotbugs*.xml', 'findbugs*.xml'],
    lists: ['*exclude*.xml', '*baseline*.xml'],
    builds: ['pom.xml', '*.gradle', '*.gradle.kts'],
  },
  options: {
    selects: '-include -effort -onlyAnalyze -visitors -chooseVisitors',
    ignores: '-exclude -excludeBugs -omitVisitors -bugCategories',
    config: '-pluginList -projectSettings',
    lowers: '-low -medium -high -relaxed',
  },
};
