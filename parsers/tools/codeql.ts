import { silencers, type Tool } from './define.ts';

export const codeql: Tool = {
  name: 'codeql',
  documentation: 'https://docs.github.com/code-security/codeql-cli',
  install: 'the bundle of a release (https://github.com/github/codeql-action/releases)',
  programs: ['codeql'],
  languages: [],
  scope: 'program',
  platform: true,
  silencers: silencers(null, 'inside', [
    ['\\blgtm \\[', 'line', '// lgtm[js/unused-local-variable]', { family: 'lgtm' }],
    ['^\\W{1,6}lgtm\\W{0,6}$', 'line', '// lgtm', { family: 'lgtm' }],
    ['\\bcodeql \\[', 'line', '// codeql[js/unused-local-variable]', { family: 'lgtm', alone: 'next' }],
  ]),
  settings: { files: ['.lgtm.yml', 'lgtm.yml', 'codeql*.{yml,yaml}', '.github/codeql/**'] },
};
