import { silencers, type Tool } from './define.ts';

export const jshint: Tool = {
  name: 'jshint',
  documentation: 'https://jshint.com/docs/',
  install: 'npm install --save-dev jshint',
  programs: ['jshint'],
  languages: ['javascript'],
  scope: 'file',
  silencers: silencers('javascript typescript vue json css', 'comment', [
    ['(?:globals?|exported)\\s', 'file', '/* globals window */', { family: 'eslint-inline' }],
    ['(?:jshint|jslint)\\s', 'file', '/* jshint unused: false */', { family: 'eslint-inline' }],
    ['jshint ignore\\b', 'line', '// jshint ignore:line', { family: 'misc', alone: 'block' }],
  ]),
  settings: { files: ['.jshintrc'], lists: ['.jshintignore'], tables: { 'package.json': ['jshintConfig'] } },
};
