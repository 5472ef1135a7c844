import type { Tool } from './define.ts';

export const cucumber: Tool = {
  name: 'cucumber',
  documentation: 'https://github.com/cucumber/json-formatter#readme',
  install: 'npm install --save-dev @cucumber/cucumber',
  programs: ['cucumber-js', 'cucumber'],
  languages: [],
  settings: { files: ['cucumber.{js,cjs,mjs,json,yaml,yml}', 'cucumber.properties'] },
  options: { selects: '-t --tags --name', config: '-c --config' },
};
