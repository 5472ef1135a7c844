import { silencers, type Tool } from './define.ts';

export const flow: Tool = {
  name: 'flow',
  documentation: 'https://flow.org/en/docs/errors/',
  install: 'npm install --save-dev flow-bin',
  programs: ['flow check', 'flow'],
  languages: ['javascript'],
  scope: 'program',
  silencers: silencers('javascript typescript vue json css', 'comment', [
    ['@noflow\\b', 'file', '// @noflow'],
    ['\\$Flow(?:FixMe|Issue|Expected\\w{0,10}|Ignore)', 'next', '// $FlowFixMe[incompatible-call]'],
  ]),
  settings: { files: ['.flowconfig'] },
};
