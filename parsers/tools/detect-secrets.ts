import { silencers, type Tool } from './define.ts';

export const detectSecrets: Tool = {
  name: 'detect-secrets',
  documentation: 'https://github.com/Yelp/detect-secrets#readme',
  install: 'pip install detect-secrets',
  programs: ['detect-secrets', 'detect-secrets-hook'],
  languages: [],
  silencers: silencers(null, 'line', [
    ['pragma : (?:allow|white)list (?!nextline)secret', 'line', '# pragma: allowlist secret', { family: 'secrets' }],
    [
      'pragma : (?:allow|white)list nextline secret',
      'next',
      '# pragma: allowlist nextline secret',
      { family: 'secrets' },
    ],
    ['trufflehog : ignore', 'line', '# trufflehog:ignore', { family: 'trufflehog' }],
  ]),
  settings: { lists: ['.secrets.baseline', '.secrets*.baseline', '.trufflehog*'] },
};
