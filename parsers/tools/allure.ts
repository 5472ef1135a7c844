import type { Tool } from './define.ts';

/** A format of many tools: it has no settings of its own. */
export const allure: Tool = {
  name: 'allure',
  documentation: 'https://allurereport.org/docs/how-it-works-test-result-file/',
  install: 'a format: an adapter such as allure-pytest',
  programs: [],
  languages: [],
};
