import { silencers, type Tool } from './define.ts';

export const deepsource: Tool = {
  name: 'deepsource',
  documentation: 'https://docs.deepsource.com/docs/issues/silence-issues',
  install: 'a service: .deepsource.toml',
  programs: ['deepsource'],
  languages: [],
  platform: true,
  silencers: silencers(null, 'inside', [['\\bskipcq\\b', 'line', '# skipcq: PYL-W0611', { alone: 'next' }]]),
  settings: { files: ['.deepsource.toml'] },
};
