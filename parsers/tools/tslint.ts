import { silencers, type Tool } from './define.ts';

export const tslint: Tool = {
  name: 'tslint',
  documentation: 'https://palantir.github.io/tslint/usage/rule-flags/',
  install: 'npm install --save-dev tslint',
  programs: ['tslint'],
  languages: ['typescript'],
  scope: 'file',
  wider:
    /^(?:no-implicit-dependencies|no-unused-variable|deprecation|await-promise|no-floating-promises|strict-type-predicates)$/,
  silencers: silencers('javascript typescript vue json css', 'comment', [
    [
      '(?:tslint : ?|jscs : ?)-?disable(?!-(?:next-)?line)\\b',
      'block',
      '/* tslint:disable */',
      { family: 'eslint', end: '\\btslint : ?enable\\b' },
    ],
    ['(?:tslint : ?|jscs : ?)-?disable-line\\b', 'line', '// tslint:disable-line', { family: 'eslint' }],
    ['(?:tslint : ?|jscs : ?)-?disable-next-line\\b', 'next', '// tslint:disable-next-line', { family: 'eslint' }],
  ]),
  settings: { files: ['tslint.{json,yaml,yml}'], tables: { 'package.json': ['tslintConfig'] } },
};
